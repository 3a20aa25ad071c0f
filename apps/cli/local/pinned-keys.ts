import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { PinnedKey } from '#engine/archive/check-archive.js';
import { keyIdOf } from '#engine/archive/signature.js';
import { CliError, EXIT } from '../exit-codes.js';

const ID = /^(?:sha256:)?([0-9a-f]{64})$/i;
const PEM = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;

/**
 * The keys that a person named: each is the id of a key, or a file with public keys (PEM) and ids, one to a line.
 *
 * @returns null where none was named
 */
export function pinnedKeys(named: readonly string[] | undefined): PinnedKey[] | null {
  if (named === undefined || named.length === 0) return null;
  return named.flatMap((name) => {
    const id = idIn(name);
    return id === null ? keysIn(name) : [{ id, spki: null }];
  });
}

function keysIn(file: string): PinnedKey[] {
  const text = read(file);
  const pems = (text.match(PEM) ?? []).map((pem): PinnedKey => {
    const spki = createPublicKey(pem).export({ format: 'der', type: 'spki' });
    return { id: keyIdOf(spki), spki };
  });
  const ids = text
    .replace(PEM, '')
    .split('\n')
    .map((line) => idIn(line.replace(/#.*/, '').trim().split(/\s+/)[0] ?? ''))
    .filter((id) => id !== null)
    .map((id): PinnedKey => ({ id, spki: null }));
  if (pems.length + ids.length > 0) return [...pems, ...ids];
  throw new CliError(EXIT.usage, `${file} holds no public key and no id of one.`, 'planwright doctor');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as Error).message;
    throw new CliError(
      EXIT.usage,
      `--key ${file} is neither the id of a key nor a file: ${why}`,
      'planwright doctor',
    );
  }
}

function idIn(text: string): string | null {
  return ID.exec(text)?.[1]?.toLowerCase() ?? null;
}
