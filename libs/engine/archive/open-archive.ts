import {
  ARCHIVE_FILES,
  envelopeSchema,
  statementSchema,
  type ArchiveFile,
  type Envelope,
  type Statement,
} from '#contracts/archive/envelope.js';
import { archiveManifest, type ArchiveManifest } from '#contracts/archive/manifest.js';
import type { z } from 'zod';
import { canonicalJson } from '#domain/canonical-json.js';
import { pointerAt } from './json-pointer.js';
import { changedRanges, digestOf, PIECE_BYTES, PieceDigest, type Digest } from './pieces.js';
import type { Finding } from './report.js';
import { BadTar, readTar, type TarEntry } from './tar.js';

/** The bytes of an archive, wherever they are. */
export interface ArchiveSource {
  readonly size: number;
  /** Exactly these bytes, fewer only at the end. */
  read(offset: number, length: number): Promise<Buffer>;
  stream(offset: number, length: number): AsyncIterable<Buffer>;
}

/** What could be read of an archive; null where it could not. */
export interface OpenedArchive {
  readonly bundle: TarEntry | null;
  readonly envelope: Envelope | null;
  readonly statement: Statement | null;
  readonly manifest: ArchiveManifest | null;
  readonly findings: readonly Finding[];
}

/** Reads an archive and compares every byte of it with what its envelope says. Who signed that is another question. */
export async function openArchive(source: ArchiveSource): Promise<OpenedArchive> {
  const findings: Finding[] = [];
  const entries = await entriesOf(source, findings);
  if (entries === null) return { bundle: null, envelope: null, statement: null, manifest: null, findings };
  const { 'manifest.json': text, 'envelope.json': signed, 'repo.bundle': bundle } = entries;
  const envelopeText = await source.read(signed.offset, signed.size);
  const envelope = parse(envelopeText, envelopeSchema, 'envelope.json', findings);
  const statement =
    envelope === null
      ? null
      : parse(Buffer.from(envelope.payload, 'base64'), statementSchema, 'envelope.json', findings);
  if (envelope !== null) checkBase64(envelope, findings);
  const manifestText = await source.read(text.offset, text.size);
  if (statement !== null) {
    const own = digestOf(manifestText, PIECE_BYTES['manifest.json']);
    const digest = new PieceDigest(PIECE_BYTES['repo.bundle']);
    for await (const piece of source.stream(bundle.offset, bundle.size)) digest.update(piece);
    compare(statement, 'manifest.json', own, manifestText, findings);
    compare(statement, 'repo.bundle', digest.end(), null, findings);
  }
  const manifest = parse(manifestText, archiveManifest, 'manifest.json', findings);
  return { bundle, envelope, statement, manifest, findings };
}

async function entriesOf(
  source: ArchiveSource,
  findings: Finding[],
): Promise<Readonly<Record<ArchiveFile, TarEntry>> | null> {
  try {
    const entries = await readTar(
      (offset, length) => source.read(offset, length),
      source.size,
      ARCHIVE_FILES,
    );
    return Object.fromEntries(entries.map((entry) => [entry.name, entry])) as Record<ArchiveFile, TarEntry>;
  } catch (error) {
    if (!(error instanceof BadTar)) throw error;
    findings.push({ file: 'archive', place: `byte ${error.offset}`, message: `${error.message}.` });
    return null;
  }
}

/** The files are canonical JSON: another text of the same value is not what was written. */
function parse<T extends z.ZodType>(
  text: Buffer,
  schema: T,
  file: 'manifest.json' | 'envelope.json',
  findings: Finding[],
): z.output<T> | null {
  let value: unknown;
  try {
    value = JSON.parse(text.toString('utf8'));
  } catch (error) {
    findings.push({ file, place: null, message: `It is no JSON: ${(error as Error).message}.` });
    return null;
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = (issue?.path ?? []).map((part) => `/${String(part)}`).join('');
    findings.push({ file, place, message: `It is not of this format: ${issue?.message ?? 'unknown'}.` });
    return null;
  }
  if (!Buffer.from(canonicalJson(value)).equals(text))
    findings.push({ file, place: null, message: 'It is not in canonical form.' });
  return parsed.data;
}

/** Some bits of the last digit of base64 say nothing; here they are zero. */
function checkBase64({ payload, signatures }: Envelope, findings: Finding[]): void {
  const fields = { '/payload': payload, '/signatures/0/sig': signatures[0]?.sig ?? '' };
  for (const [place, text] of Object.entries(fields)) {
    if (Buffer.from(text, 'base64').toString('base64') !== text)
      findings.push({ file: 'envelope.json', place, message: 'Its base64 is not as it was written.' });
  }
}

function compare(
  statement: Statement,
  file: 'manifest.json' | 'repo.bundle',
  found: Digest,
  text: Buffer | null,
  findings: Finding[],
): void {
  const signed = statement.subject.find(({ name }) => name === file)?.digest.sha256;
  if (signed === found.sha256) return;
  const ranges = changedRanges(statement.predicate.pieces[file], found);
  if (ranges.length === 0)
    findings.push({ file, place: null, message: 'Its digest is not the one that was signed.' });
  for (const { from, to } of ranges) {
    const bytes = `bytes ${from} to ${Math.max(from, to - 1)}`;
    const within = text === null ? '' : `, ${pointers(text, from, to)}`;
    findings.push({ file, place: `${bytes}${within}`, message: 'It differs from what was signed.' });
  }
}

function pointers(text: Buffer, from: number, to: number): string {
  const [first, last] = [pointerAt(text, from), pointerAt(text, Math.max(from, to - 1))];
  return first === last ? `in ${first}` : `from ${first} to ${last}`;
}
