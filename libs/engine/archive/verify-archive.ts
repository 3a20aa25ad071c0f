import type { ArchiveManifest } from '#contracts/archive/manifest.js';
import type { Verdict } from '#domain/spec/verdict.js';
import type { JudgeDeps, JudgeOrder } from '../verification/grade.js';
import { checkRecords, checkSignature, disagreements, type PinnedKey } from './check-archive.js';
import { judgeRuns } from './judge-runs.js';
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
  if (manifest !== null) findings.push(...checkRecords(manifest, 'manifest.json'));
  if (manifest !== null && opened.statement !== null)
    findings.push(...disagreements(manifest, opened.statement));
  const repository =
    manifest === null || bundle === null ? null : await repositoryOf(deps, manifest, bundle, findings);
  const verdicts = manifest === null ? [] : await judgeArchived(deps, manifest, repository, findings);
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

function judgeArchived(
  { judge, runChecks, signal }: VerifyArchiveDeps,
  manifest: ArchiveManifest,
  repository: ArchiveRepository | null,
  findings: readonly Finding[],
): Promise<VerdictReport[]> {
  const { missing } = manifest.bundle;
  const again = runChecks === null ? null : (order: JudgeOrder) => runChecks(order, manifest);
  const commits = repository === null ? null : { repositoryId: repository.repositoryId, missing };
  return judgeRuns({ judge, runChecks: again, signal }, manifest, commits, findings);
}
