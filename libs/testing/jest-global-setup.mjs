import { fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Starts one Postgres for the whole run. It lives in a process of its own that ends with the channel to us, so
 * that a Jest that is killed leaves neither a server nor its folder.
 */
export default async function globalSetup() {
  const host = path.join(path.dirname(fileURLToPath(import.meta.url)), 'jest-postgres-host.mjs');
  const child = fork(host, { detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
  const url = await new Promise((resolve, reject) => {
    child.once('message', (message) =>
      message.url ? resolve(message.url) : reject(new Error(message.error)),
    );
    child.once('exit', (code) =>
      reject(new Error(`The test Postgres ended with code ${code} before it was ready`)),
    );
  });
  child.unref();
  child.channel?.unref();
  process.env.PLANWRIGHT_TEST_POSTGRES = url;
  globalThis.__PLANWRIGHT_TEST_POSTGRES_HOST__ = child;
}
