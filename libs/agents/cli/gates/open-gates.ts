import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gates, type GateConfig } from './gates.js';
import { HOOK_PROGRAM } from './hook-program.js';

const MOST_BYTES = 65_536;
const MOST_CONNECTIONS = 8;

/** What a run is given so that its hooks are answered. */
export interface OpenGates {
  /** A line for the shell that hands one event on. */
  readonly command: string;
  /** Shown to it, and not written by it: the folder with the program and the socket, and what runs the program. */
  readonly readable: readonly string[];
}

/**
 * Answers hooks on a unix socket for as long as `work` takes. Program and socket lie in a folder that the run can read and
 * not change; the name of a socket is too short for a place in the data folder.
 */
export async function withGates<T>(config: GateConfig, work: (open: OpenGates) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'planwright-gates-'));
  const end = new AbortController();
  const gates = new Gates({ ...config, signal: AbortSignal.any([config.signal, end.signal]) });
  const close = await serve(join(folder, 'socket'), (text) => gates.answer(text));
  try {
    const program = join(folder, 'hook.cjs');
    await writeFile(program, HOOK_PROGRAM, { mode: 0o400 });
    return await work({
      command: `'${process.execPath}' '${program}'`,
      readable: [folder, process.execPath],
    });
  } finally {
    end.abort(new Error('the run has ended'));
    await close();
    // The workspace is the next one's to commit.
    await gates.settled();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One event for each connection: what comes until its end, and then the answer. @returns what ends it */
async function serve(path: string, answer: (text: string) => Promise<string>): Promise<() => Promise<void>> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > MOST_BYTES) socket.destroy();
    });
    socket.on('end', () => {
      // Whoever asks and is not answered goes on without: what went wrong shows in the verdict.
      answer(text).then(
        (said) => socket.end(said),
        () => socket.destroy(),
      );
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of open) socket.destroy();
    await closed;
  };
}
