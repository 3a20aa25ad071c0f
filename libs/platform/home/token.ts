import { randomBytes } from 'node:crypto';
import type { Home } from './home.js';
import { createPrivateFile, readIfPresent } from './private-files.js';

/** The secret that every mutation must show; made once per data folder. Several first readers get the same one. */
export function installToken(home: Home): Promise<string> {
  return secretIn(home.tokenFile);
}

/** The secret by which workers of other hosts reach the hubs; made once per data folder. */
export function installWorkerToken(home: Home): Promise<string> {
  return secretIn(home.workerTokenFile);
}

/** The secret of an existing data folder; undefined when there is none. */
export function readToken(home: Home): Promise<string | undefined> {
  return readSecret(home.tokenFile);
}

async function secretIn(file: string): Promise<string> {
  await createPrivateFile(file, `${randomBytes(32).toString('base64url')}\n`);
  const secret = await readSecret(file);
  if (secret === undefined) throw new Error(`${file} vanished while it was read`);
  return secret;
}

async function readSecret(file: string): Promise<string | undefined> {
  const secret = await readIfPresent(file);
  if (secret === '') throw new Error(`${file} is empty: delete it to get a new token`);
  return secret;
}
