import { createServer } from 'node:net';
import { readIfPresent, writePrivateFile } from './private-files.js';

/** Where the API listens unless something else does. */
export const PREFERRED_API_PORT = 7420;

const LOOPBACK = '127.0.0.1';

/**
 * The remembered port when it is free, else the preferred one, else any free one; remembers what it chose.
 * Between this answer and the listener another program may take the port: callers retry.
 */
export async function choosePort(portFile: string, preferred?: number): Promise<number> {
  const remembered = Number(await readIfPresent(portFile));
  for (const candidate of [remembered, preferred]) {
    if (candidate !== undefined && isPort(candidate) && (await isFree(candidate)))
      return remember(portFile, candidate);
  }
  return remember(portFile, await freePort());
}

/** True when a listener on the loopback address could have this port now. */
export async function isFree(port: number): Promise<boolean> {
  return (await probe(port)) !== undefined;
}

async function freePort(): Promise<number> {
  const port = await probe(0);
  if (port === undefined) throw new Error(`No free port on ${LOOPBACK}`);
  return port;
}

async function remember(portFile: string, port: number): Promise<number> {
  await writePrivateFile(portFile, `${port}\n`);
  return port;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

function probe(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
