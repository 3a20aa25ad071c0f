import { createHash } from 'node:crypto';
import type { ArchiveManifest, PlanRecord } from '#contracts/archive/manifest.js';
import type { Statement } from '#contracts/archive/envelope.js';
import type { RunStatus } from '#domain/plan/verification-run.machine.js';
import type { VerdictOutcome } from '#domain/spec/verdict.js';
import { brokenLinks } from './event-chain.js';
import type { OpenedArchive } from './open-archive.js';
import type { ArchiveReport, Finding } from './report.js';
import { isSignedBy, keyIdOf } from './signature.js';

/** A key that the person who verifies trusts; `spki` is null where they know its id alone. */
export interface PinnedKey {
  readonly id: string;
  readonly spki: Buffer | null;
}

export interface CheckedSignature {
  readonly signature: ArchiveReport['signature'];
  readonly findings: readonly Finding[];
}

/**
 * Who signed the envelope. A signature of a key that nobody pinned only says that the archive is as its signer left it.
 *
 * @param pinned null: nobody said whose signature counts
 */
export function checkSignature(opened: OpenedArchive, pinned: readonly PinnedKey[] | null): CheckedSignature {
  const { envelope, manifest } = opened;
  const keyId = envelope?.signatures[0]?.keyid;
  if (envelope === null || keyId === undefined) return { signature: null, findings: [] };
  const findings: Finding[] = [];
  const pin = pinned?.find(({ id }) => id === keyId) ?? null;
  const own = manifest === null ? null : Buffer.from(manifest.key.publicKey, 'base64');
  const spki = pin?.spki ?? own;
  const fits = spki !== null && keyIdOf(spki) === keyId;
  const valid = fits && isSignedBy(envelope, spki);
  if (manifest !== null && (manifest.key.id !== keyId || own === null || keyIdOf(own) !== keyId))
    findings.push({
      file: 'envelope.json',
      place: '/signatures/0/keyid',
      message: 'It names another key than the manifest.',
    });
  if (!valid) findings.push(badSignature(opened));
  if (pinned !== null && pin === null)
    findings.push({
      file: 'envelope.json',
      place: '/signatures/0/keyid',
      message: `It was signed by ${keyId}, which is none of the keys that you pinned.`,
    });
  return { signature: { keyId, valid, pinned: pinned === null ? null : pin !== null }, findings };
}

/** Where the files are as the payload says, it is the signature that was changed, else most likely the payload. */
function badSignature({ findings, statement }: OpenedArchive): Finding {
  const intact = statement !== null && !findings.some(({ file }) => file !== 'envelope.json');
  return intact
    ? {
        file: 'envelope.json',
        place: '/signatures/0',
        message: 'The signature is not that of its key for this payload.',
      }
    : { file: 'envelope.json', place: '/payload', message: 'The payload is not what its key signed.' };
}

/** What the parts of what is recorded of a plan say of each other. */
export function checkRecords(manifest: PlanRecord, file: Finding['file']): Finding[] {
  const at = (place: string, message: string): Finding => ({ file, place, message });
  const findings = brokenLinks(manifest.plan.id, manifest.events).map(({ index, message }) =>
    at(`/events/${index}`, `The chain of events is broken: ${message}.`),
  );
  manifest.specs.forEach((spec, index) => {
    if (createHash('sha256').update(spec.text).digest('hex') !== spec.hash)
      findings.push(at(`/specs/${index}/text`, 'The text of the spec does not have its hash.'));
  });
  const taskOf = new Map(manifest.attempts.map(({ id, taskId }) => [id, taskId]));
  manifest.runs.forEach((run, index) => {
    if (taskOf.get(run.attemptId) !== run.taskId)
      findings.push(at(`/runs/${index}`, 'It judged an attempt that is not in the manifest.'));
    if (run.verdict !== null && STATUS_OF[run.verdict.outcome] !== run.status)
      findings.push(at(`/runs/${index}/status`, `A run that is ${run.status} cannot have this verdict.`));
  });
  return findings;
}

const STATUS_OF: Readonly<Record<VerdictOutcome, RunStatus>> = {
  pass: 'passed',
  satisfied: 'passed',
  fail: 'failed',
  inconclusive: 'inconclusive',
};

/** Where an envelope says something else than the manifest. */
export function disagreements(manifest: ArchiveManifest, statement: Statement): Finding[] {
  const { plan, events, archivedAt } = statement.predicate;
  const bundle = statement.subject.find(({ name }) => name === 'repo.bundle')?.digest.sha256;
  const facts: readonly (readonly [string, unknown, unknown])[] = [
    ['/plan/id', manifest.plan.id, plan.id],
    ['/plan/number', manifest.plan.number, plan.number],
    ['/plan/name', manifest.plan.name, plan.name],
    ['/events', manifest.events.length, events.count],
    ['/events', manifest.events.at(-1)?.hash ?? '', events.last],
    ['/archive/at', manifest.archive.at, archivedAt],
    ['/bundle/sha256', manifest.bundle.sha256, bundle],
  ];
  return facts
    .filter(([, found, signed]) => found !== signed)
    .map(([place]) => ({ file: 'manifest.json', place, message: 'The envelope says something else.' }));
}
