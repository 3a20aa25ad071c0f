import { fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Starts one Postgres and one Redis for the whole run. They live under a process of its own that ends with the
 * channel to us, so that a Jest that is killed leaves neither a server nor its folder.
 */
export default async function globalSetup() {
  const host = path.join(path.dirname(fileURLToPath(import.meta.url)), 'jest-servers-host.mjs');
  const child = fork(host, { detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
  const { postgresUrl, redisUrl } = await new Promise((resolve, reject) => {
    child.once('message', (message) =>
      message.postgresUrl ? resolve(message) : reject(new Error(message.error)),
    );
    child.once('exit', (code) =>
      reject(new Error(`The servers of the tests ended with code ${code} before they were ready`)),
    );
  });
  child.unref();
  child.channel?.unref();
  process.env.PLANWRIGHT_TEST_POSTGRES = postgresUrl;
  process.env.PLANWRIGHT_TEST_REDIS = redisUrl;
  globalThis.__PLANWRIGHT_TEST_SERVERS__ = child;
}
