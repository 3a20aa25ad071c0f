import { IN_TOTO_STATEMENT, PREDICATE_TYPE, type Statement } from '#contracts/archive/envelope.js';
import { ARCHIVE_FORMAT, type ArchiveManifest, type ArchiveRecord } from '#contracts/archive/manifest.js';
import { canonicalJson } from '#domain/canonical-json.js';
import type { PlanBundle } from '../ports/archive.port.js';
import type { Signer } from '../ports/signer.port.js';
import { digestOf, PIECE_BYTES, type Digest } from './pieces.js';
import { signEnvelope } from './signature.js';

export interface SealedPlan {
  readonly manifest: Buffer;
  readonly envelope: Buffer;
  /** Digests of manifest and bundle, as they were signed. */
  readonly digests: { readonly manifest: string; readonly bundle: string };
  readonly keyId: string;
}

/** Writes and signs what an archive says of a plan. Equal inputs give equal bytes. */
export async function sealPlan(
  signer: Signer,
  record: ArchiveRecord,
  bundle: PlanBundle,
  tools: Readonly<Record<string, string>>,
): Promise<SealedPlan> {
  const key = await signer.key();
  const { digest, refs, missing } = bundle;
  const manifest: ArchiveManifest = {
    ...record,
    format: ARCHIVE_FORMAT,
    tools,
    bundle: {
      sha256: digest.sha256,
      size: digest.size,
      refs,
      shallow: record.plan.baseCommit,
      missing: [...missing],
    },
    key,
  };
  const text = Buffer.from(canonicalJson(manifest));
  const own = digestOf(text, PIECE_BYTES['manifest.json']);
  const statement = Buffer.from(canonicalJson(statementOf(record, own, digest)));
  const envelope = Buffer.from(canonicalJson(await signEnvelope(signer, statement)));
  return {
    manifest: text,
    envelope,
    digests: { manifest: own.sha256, bundle: digest.sha256 },
    keyId: key.id,
  };
}

function statementOf({ plan, events, archive }: ArchiveRecord, manifest: Digest, bundle: Digest): Statement {
  return {
    _type: IN_TOTO_STATEMENT,
    subject: [
      { name: 'manifest.json', digest: { sha256: manifest.sha256 } },
      { name: 'repo.bundle', digest: { sha256: bundle.sha256 } },
    ],
    predicateType: PREDICATE_TYPE,
    predicate: {
      plan: { id: plan.id, number: plan.number, name: plan.name },
      events: { count: events.length, last: events.at(-1)?.hash ?? '' },
      archivedAt: archive.at,
      pieces: {
        'manifest.json': { ...manifest.pieces, sha256: [...manifest.pieces.sha256] },
        'repo.bundle': { ...bundle.pieces, sha256: [...bundle.pieces.sha256] },
      },
    },
  };
}

/** Every commit that a verdict, an attempt or a landing of the plan names. */
export function commitsOf(
  record: Pick<ArchiveRecord, 'plan' | 'runs' | 'attempts' | 'integrations'>,
): string[] {
  const { plan, runs, attempts, integrations } = record;
  const named = [
    plan.tipCommit,
    ...runs.flatMap((run) => [run.commit, run.baseCommit]),
    ...attempts.flatMap((attempt) => [attempt.candidateCommit]),
    ...integrations.flatMap((integration) => [integration.resultCommit]),
  ];
  return [...new Set(named.filter((commit) => commit !== null))].sort();
}
