import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { Signer } from '#engine/ports/signer.port.js';
import { keyIdOf } from '#engine/archive/signature.js';
import type { Home } from './home.js';
import { createPrivateFile, readIfPresent } from './private-files.js';

export interface SigningKey {
  readonly id: string;
  /** SPKI in base64. */
  readonly publicKey: string;
  /** The public key as people hand it on. */
  readonly pem: string;
}

/** Makes the key that signs archives, once per data folder: mode 0600. Several first makers get the same one. */
export async function installSigningKey(home: Home): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  await createPrivateFile(home.signingKeyFile, pem);
  return publicHalf(await readPrivate(home));
}

/** The public half of an existing data folder's key; undefined when there is none. */
export async function readSigningKey(home: Home): Promise<SigningKey | undefined> {
  const pem = await readIfPresent(home.signingKeyFile);
  return pem === undefined ? undefined : publicHalf(createPrivateKey(pem));
}

/** Signs with the key of the data folder, which is made at its first use. */
export function homeSigner(home: Home): Signer {
  return {
    async key() {
      const { id, publicKey } = await installSigningKey(home);
      return { id, publicKey };
    },
    async sign(data) {
      await installSigningKey(home);
      return sign(null, data, await readPrivate(home));
    },
  };
}

async function readPrivate(home: Home): Promise<KeyObject> {
  const pem = await readIfPresent(home.signingKeyFile);
  if (pem === undefined || pem === '')
    throw new Error(`${home.signingKeyFile} is empty or gone: archives cannot be signed`);
  return createPrivateKey(pem);
}

function publicHalf(privateKey: KeyObject): SigningKey {
  const key = createPublicKey(privateKey);
  const spki = key.export({ format: 'der', type: 'spki' });
  const pem = key.export({ format: 'pem', type: 'spki' }).toString();
  return { id: keyIdOf(spki), publicKey: spki.toString('base64'), pem };
}
