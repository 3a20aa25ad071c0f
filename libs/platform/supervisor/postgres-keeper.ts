import { setTimeout as sleep } from 'node:timers/promises';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from '../postgres/embedded-postgres.js';
import type { StackEvent } from './stack-event.js';

const RETRY_MS = [0, 250, 500, 1000, 2000, 5000];

export interface PostgresKeeper {
  url(): string;
  pid(): number;
  stop(): Promise<void>;
}

export interface PostgresKeeperOptions extends EmbeddedPostgresOptions {
  readonly onEvent: (event: StackEvent) => void;
  /** The server came back, perhaps with another pid only, rarely with another port. */
  readonly onRestart: (urlChanged: boolean) => void;
}

/** Starts the embedded Postgres and starts it again whenever it ends, for as long as it takes. */
export async function keepPostgres(options: PostgresKeeperOptions): Promise<PostgresKeeper> {
  const { onEvent, onRestart } = options;
  let stopping = false;
  let server = await startEmbeddedPostgres(options);
  onEvent({ type: 'postgres-started', pid: server.pid });

  const startAgain = async (): Promise<EmbeddedPostgres | undefined> => {
    for (let attempt = 0; !stopping; attempt += 1) {
      await sleep(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
      if (stopping) return undefined;
      try {
        return await startEmbeddedPostgres(options);
      } catch (error) {
        onEvent({ type: 'failure', what: 'postgres', error: error as Error });
      }
    }
    return undefined;
  };
  const keep = async (): Promise<void> => {
    while (!stopping) {
      const exit = await server.exited;
      if (stopping) return;
      onEvent({ type: 'postgres-exited', ...exit });
      const next = await startAgain();
      if (next === undefined) return;
      const urlChanged = next.url !== server.url;
      server = next;
      onEvent({ type: 'postgres-started', pid: server.pid });
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
