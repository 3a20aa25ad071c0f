import { envelopeSchema, statementSchema, type Statement } from '#contracts/archive/envelope.js';
import type { ArchiveGit, StoredArchive } from '../ports/archive.port.js';
import type { Signer } from '../ports/signer.port.js';
import { isSignedBy } from './signature.js';

/** What an archive in the hub was signed as. */
export interface StoredSeal {
  readonly manifest: string;
  readonly bundle: string;
  readonly keyId: string;
  /** The end of the chain of events that it holds. */
  readonly events: Statement['predicate']['events'];
}

/** @returns null for an archive that this installation's key did not sign */
export async function readSeal(
  archives: Pick<ArchiveGit, 'readBlob'>,
  signer: Signer,
  repositoryId: string,
  stored: StoredArchive,
): Promise<StoredSeal | null> {
  const pieces: Buffer[] = [];
  const { blob } = stored.files['envelope.json'];
  for await (const piece of archives.readBlob({ repositoryId, blob })) pieces.push(piece);
  const envelope = envelopeSchema.safeParse(parsed(Buffer.concat(pieces)));
  if (!envelope.success) return null;
  const { id, publicKey } = await signer.key();
  if (!isSignedBy(envelope.data, Buffer.from(publicKey, 'base64'))) return null;
  const statement = statementSchema.safeParse(parsed(Buffer.from(envelope.data.payload, 'base64')));
  if (!statement.success) return null;
  const { subject, predicate } = statement.data;
  const digest = (file: string) => subject.find(({ name }) => name === file)?.digest.sha256;
  const [manifest, bundle] = [digest('manifest.json'), digest('repo.bundle')];
  if (manifest === undefined || bundle === undefined) return null;
  return { manifest, bundle, keyId: id, events: predicate.events };
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    return null;
  }
}
