import { randomBytes } from 'node:crypto';
import type { Home } from './home.js';
import { createPrivateFile, readIfPresent } from './private-files.js';

/** The secret that every mutation must show; made once per data folder. Several first readers get the same one. */
export async function installToken(home: Home): Promise<string> {
  await createPrivateFile(home.tokenFile, `${randomBytes(32).toString('base64url')}\n`);
  const token = await readToken(home);
  if (token === undefined) throw new Error(`${home.tokenFile} vanished while it was read`);
  return token;
}

/** The secret of an existing data folder; undefined when there is none. */
export async function readToken(home: Home): Promise<string | undefined> {
  const token = await readIfPresent(home.tokenFile);
  if (token === '') throw new Error(`${home.tokenFile} is empty: delete it to get a new token`);
  return token;
}
