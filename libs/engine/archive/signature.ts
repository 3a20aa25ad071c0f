import { createHash, createPublicKey, verify } from 'node:crypto';
import { STATEMENT_TYPE, type Envelope } from '#contracts/archive/envelope.js';
import type { Signer } from '../ports/signer.port.js';

/** The id of a public key: the sha256 of its SPKI (DER). */
export function keyIdOf(spki: Buffer): string {
  return createHash('sha256').update(spki).digest('hex');
}

/** What DSSE v1 signs: type and payload, each with its length, so that neither can be taken for the other. */
export function preAuthEncoding(type: string, payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** Signs a payload of in-toto. */
export async function signEnvelope(signer: Signer, payload: Buffer): Promise<Envelope> {
  const { id } = await signer.key();
  const sig = await signer.sign(preAuthEncoding(STATEMENT_TYPE, payload));
  return {
    payloadType: STATEMENT_TYPE,
    payload: payload.toString('base64'),
    signatures: [{ keyid: id, sig: sig.toString('base64') }],
  };
}

/** Whether the key, an Ed25519 SPKI (DER), made the envelope's signature. False for anything that is no such key. */
export function isSignedBy({ payloadType, payload, signatures }: Envelope, spki: Buffer): boolean {
  const [signature] = signatures;
  if (signature === undefined) return false;
  const signed = preAuthEncoding(payloadType, Buffer.from(payload, 'base64'));
  try {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== 'ed25519') return false;
    return verify(null, signed, key, Buffer.from(signature.sig, 'base64'));
  } catch {
    return false;
  }
}
