import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerName, StackEvent } from './stack-event.js';

const RETRY_MS = [0, 250, 500, 1000, 2000, 5000];

/** A server that runs as our child. */
export interface Server {
  readonly url: string;
  readonly pid: number;
  /** Resolves when it has ended, whoever ended it. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  stop(): Promise<void>;
}

export interface ServerKeeper {
  url(): string;
  pid(): number;
  stop(): Promise<void>;
}

export interface ServerKeeperOptions {
  readonly name: ServerName;
  readonly start: () => Promise<Server>;
  readonly onEvent: (event: StackEvent) => void;
  /** The server came back, perhaps with another pid only, rarely with another port. */
  readonly onRestart: (urlChanged: boolean) => void;
}

/** Starts a server and starts it again whenever it ends, for as long as it takes. */
export async function keepServer(options: ServerKeeperOptions): Promise<ServerKeeper> {
  const { name, start, onEvent, onRestart } = options;
  let stopping = false;
  let server = await start();
  onEvent({ type: 'server-started', name, pid: server.pid });

  const startAgain = async (): Promise<Server | undefined> => {
    for (let attempt = 0; !stopping; attempt += 1) {
      await sleep(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
      if (stopping) return undefined;
      try {
        return await start();
      } catch (error) {
        onEvent({ type: 'failure', what: name, error: error as Error });
      }
    }
    return undefined;
  };
  const keep = async (): Promise<void> => {
    while (!stopping) {
      const exit = await server.exited;
      if (stopping) return;
      onEvent({ type: 'server-exited', name, ...exit });
      const next = await startAgain();
      if (next === undefined) return;
      const urlChanged = next.url !== server.url;
      server = next;
      onEvent({ type: 'server-started', name, pid: server.pid });
      onRestart(urlChanged);
    }
  };
  const kept = keep();

  return {
    url: () => server.url,
    pid: () => server.pid,
    stop: async () => {
      stopping = true;
      await server.stop();
      // A start that was under way when we were stopped has put its own server in place by now.
      await kept;
      await server.stop();
    },
  };
}
