import { z } from 'zod';

/** What a DSSE envelope says its payload is. */
export const STATEMENT_TYPE = 'application/vnd.in-toto+json';
export const IN_TOTO_STATEMENT = 'https://in-toto.io/Statement/v1';
/** Of the statement's predicate: an archived plan. */
export const PREDICATE_TYPE = 'https://planwright.dev/archive/v1';

/** The names of the three files, in the order in which the archive has them. */
export const ARCHIVE_FILES = ['manifest.json', 'envelope.json', 'repo.bundle'] as const;
export type ArchiveFile = (typeof ARCHIVE_FILES)[number];

/** `envelope.json`: DSSE v1. */
export const envelopeSchema = z.strictObject({
  payloadType: z.literal(STATEMENT_TYPE),
  /** Base64 of the statement. */
  payload: z.base64(),
  signatures: z.array(z.strictObject({ keyid: z.string(), sig: z.base64() })).length(1),
});
export type Envelope = z.output<typeof envelopeSchema>;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Digests of a file's pieces, so that a change is found where it is. */
const pieces = z.strictObject({ size: z.int().positive(), sha256: z.array(sha256) });

export const statementSchema = z.strictObject({
  _type: z.literal(IN_TOTO_STATEMENT),
  subject: z.array(z.strictObject({ name: z.string(), digest: z.strictObject({ sha256 }) })),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.strictObject({
    plan: z.strictObject({ id: z.uuid(), number: z.int(), name: z.string() }),
    /** End of the plan's chain of events, as the manifest has it. */
    events: z.strictObject({ count: z.int(), last: z.string() }),
    archivedAt: z.iso.datetime(),
    pieces: z.strictObject({ 'manifest.json': pieces, 'repo.bundle': pieces }),
  }),
});
export type Statement = z.output<typeof statementSchema>;
