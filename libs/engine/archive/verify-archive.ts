import { createHash } from 'node:crypto';
import type { ArchivedRun, ArchiveManifest } from '#contracts/archive/manifest.js';
import type { JudgedItem } from '#domain/spec/check-standing.js';
import { CONTRACT_PREFIX, recordedContracts, withContracts } from '#domain/spec/standing-contracts.js';
import type { Verdict } from '#domain/spec/verdict.js';
import { gradeWith, type JudgeDeps, type JudgeOrder } from '../verification/grade.js';
import { checkRecords, checkSignature, type PinnedKey } from './check-archive.js';
import { verdictChanges } from './compare-verdicts.js';
import { openArchive, type ArchiveSource } from './open-archive.js';
import { overall, type ArchiveReport, type Finding, type VerdictReport } from './report.js';
import type { TarEntry } from './tar.js';

/** A repository made of an archive's bundle alone. */
export interface ArchiveRepository {
  readonly repositoryId: string;
  /** What git says is wrong with it; none for a sound one. */
  readonly problems: readonly string[];
  readonly refs: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

export interface VerifyArchiveDeps {
  /** Unpacks the bundle; history ends at `shallow`. Rejects when git cannot read it. */
  readonly unbundle: (bundle: TarEntry, shallow: string) => Promise<ArchiveRepository>;
  readonly judge: JudgeDeps;
  /** Judges with the checks run anew; null: the recorded results of checks are taken as they are. */
  readonly runChecks: ((order: JudgeOrder, manifest: ArchiveManifest) => Promise<Verdict>) | null;
  readonly signal: AbortSignal;
}

/**
 * Says whether an archive is what its signer left, and whether every verdict in it follows from its commits: needs no
 * server, no database and none of the plan's other files. Rejects with the signal's reason when aborted.
 */
export async function verifyArchive(
  deps: VerifyArchiveDeps,
  source: ArchiveSource,
  pinned: readonly PinnedKey[] | null,
): Promise<ArchiveReport> {
  const opened = await openArchive(source);
  const { manifest, bundle } = opened;
  const signed = checkSignature(opened, pinned);
  const findings: Finding[] = [...opened.findings, ...signed.findings];
  if (manifest !== null) findings.push(...checkRecords(manifest, opened.statement));
  const repository =
    manifest === null || bundle === null ? null : await repositoryOf(deps, manifest, bundle, findings);
  const verdicts = manifest === null ? [] : await judgeAll(deps, manifest, repository, findings);
  return {
    plan: manifest === null ? null : headOf(manifest),
    signature: signed.signature,
    events: manifest?.events.length ?? 0,
    findings,
    verdicts,
    notes: [...(repository?.notes ?? []), ...notesOf(manifest)],
    result: overall(findings, verdicts),
  };
}

function headOf({ plan }: ArchiveManifest): NonNullable<ArchiveReport['plan']> {
  const { number, name, outcome, baseCommit, tipCommit } = plan;
  return { number, name, outcome, baseCommit, tipCommit };
}

function notesOf(manifest: ArchiveManifest | null): string[] {
  const missing = manifest?.bundle.missing.length ?? 0;
  return missing === 0 ? [] : [`${missing} commits were gone before the plan was archived.`];
}

async function repositoryOf(
  deps: VerifyArchiveDeps,
  manifest: ArchiveManifest,
  bundle: TarEntry,
  findings: Finding[],
): Promise<ArchiveRepository | null> {
  const found = (place: string | null, message: string): void =>
    void findings.push({ file: 'repo.bundle', place, message });
  try {
    const repository = await deps.unbundle(bundle, manifest.bundle.shallow);
    for (const problem of repository.problems) found(null, problem);
    const names = new Set([...Object.keys(repository.refs), ...Object.keys(manifest.bundle.refs)]);
    for (const ref of names) {
      if (repository.refs[ref] !== manifest.bundle.refs[ref])
        found(ref, 'The bundle has this ref elsewhere than the manifest says.');
    }
    return repository;
  } catch (error) {
    deps.signal.throwIfAborted();
    found(null, `git cannot read it: ${(error as Error).message}`);
    return null;
  }
}

/** At once: each mostly waits for git. */
const AT_ONCE = 4;

async function judgeAll(
  deps: VerifyArchiveDeps,
  manifest: ArchiveManifest,
  repository: ArchiveRepository | null,
  findings: readonly Finding[],
): Promise<VerdictReport[]> {
  const archived = indexed(manifest);
  const runs = manifest.runs.flatMap((run, index) => (run.verdict === null ? [] : [{ run, index }]));
  const reports: VerdictReport[] = [];
  const next = runs.entries();
  const judge = async (): Promise<void> => {
    for (const [place, { run, index }] of next)
      reports[place] = await reportOn(deps, archived, repository, findings, run, index);
  };
  // Checks use what the machine has; side by side they would fail by each other's time.
  await Promise.all(Array.from({ length: deps.runChecks === null ? AT_ONCE : 1 }, judge));
  return reports;
}

/** A manifest, and its rows by what others name them by. */
interface Archived {
  readonly manifest: ArchiveManifest;
  readonly tasks: ReadonlyMap<string, ArchiveManifest['tasks'][number]>;
  readonly attempts: ReadonlyMap<string, ArchiveManifest['attempts'][number]>;
  readonly specs: ReadonlyMap<string, ArchiveManifest['specs'][number]>;
}

function indexed(manifest: ArchiveManifest): Archived {
  return {
    manifest,
    tasks: new Map(manifest.tasks.map((task) => [task.id, task])),
    attempts: new Map(manifest.attempts.map((attempt) => [attempt.id, attempt])),
    specs: new Map(manifest.specs.map((spec) => [spec.hash, spec])),
  };
}

async function reportOn(
  deps: VerifyArchiveDeps,
  archived: Archived,
  repository: ArchiveRepository | null,
  findings: readonly Finding[],
  run: ArchivedRun,
  index: number,
): Promise<VerdictReport> {
  const { manifest } = archived;
  const task = archived.tasks.get(run.taskId);
  const attempt = archived.attempts.get(run.attemptId);
  const head = {
    task: `${manifest.plan.number}.${task?.number ?? '?'}`,
    attempt: attempt?.number ?? 0,
    atIntegration: run.integrationId !== null,
    commit: run.commit,
    outcome: run.verdict?.outcome ?? '',
  };
  const place = new RegExp(`/runs/${index}(?:/|$|\\s)`);
  const broken = findings.filter((finding) => place.test(finding.place ?? ''));
  if (broken.length > 0)
    return { ...head, result: 'tampered', details: broken.map(({ message }) => message) };
  return { ...head, ...(await judgeOne(deps, archived, repository, run)) };
}

type Judged = Pick<VerdictReport, 'result' | 'details'>;
const unknown = (why: string): Judged => ({ result: 'inconclusive', details: [why] });

async function judgeOne(
  deps: VerifyArchiveDeps,
  archived: Archived,
  repository: ArchiveRepository | null,
  run: ArchivedRun,
): Promise<Judged> {
  const { manifest } = archived;
  const attempt = archived.attempts.get(run.attemptId);
  const task = archived.tasks.get(run.taskId);
  if (repository === null || attempt === undefined || task === undefined)
    return unknown('What it judged cannot be read.');
  const planBase = manifest.plan.baseCommit;
  const gone = [planBase, run.baseCommit, run.commit].find((each) => manifest.bundle.missing.includes(each));
  if (gone !== undefined) return unknown(`Commit ${gone} was gone before the plan was archived.`);
  const spec = archived.specs.get(attempt.specHash ?? '');
  if (attempt.specHash !== null && spec === undefined)
    return unknown(`The spec with the hash ${attempt.specHash} is not in the archive.`);
  if (spec !== undefined && createHash('sha256').update(spec.text).digest('hex') !== spec.hash)
    return { result: 'tampered', details: ['The text of its spec does not have its hash.'] };
  const order: JudgeOrder = {
    repositoryId: repository.repositoryId,
    specText: spec?.text ?? null,
    planBase,
    attemptBase: run.baseCommit,
    candidate: run.commit,
    mayChange: task.mayChange,
    scope: attempt.profile?.constraints ?? null,
    signal: deps.signal,
  };
  return judgeAgain(deps, manifest, run.verdict as Verdict, order);
}

/** Checks as the verdict has them: its rules can be judged anew without running what a stranger wrote. */
function recordedChecks({ items, violations }: Verdict): JudgedItem[] {
  return items
    .filter(({ id, kind }) => kind === 'check' && !id.startsWith(CONTRACT_PREFIX))
    .map((result) => ({ result, violations: violations.filter(({ rule }) => rule === result.id) }));
}

async function judgeAgain(
  deps: VerifyArchiveDeps,
  manifest: ArchiveManifest,
  recorded: Verdict,
  order: JudgeOrder,
): Promise<Judged> {
  try {
    const own =
      deps.runChecks === null
        ? await gradeWith(deps.judge, order, async () => recordedChecks(recorded))
        : await deps.runChecks(order, manifest);
    const again = withContracts(own, recordedContracts(recorded));
    const details = verdictChanges(recorded, again);
    return { result: details.length === 0 ? 'reproduced' : 'changed', details };
  } catch (error) {
    deps.signal.throwIfAborted();
    return unknown(`It could not be judged: ${(error as Error).message}`);
  }
}
