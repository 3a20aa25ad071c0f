import type { CheckResult } from '#domain/spec/check-report.js';
import { nextRun, type RunPlace } from '#domain/spec/check-next-run.js';
import { agree, judgeCheck, type CheckStanding } from '#domain/spec/check-standing.js';
import type { Spec, SpecCheck } from '#domain/spec/spec.js';
import { canonicalHash } from '../canonical.js';
import type { CheckRun, ChecksPort } from '../ports/checks.port.js';
import type { GitPort } from '../ports/git.port.js';
import type { LedgerKey, LedgerPort } from '../ports/ledger.port.js';
import { SetupFailed, type WorkspaceSetup } from '../ports/setup.port.js';
import type { PreparedWorkspace, Workspaces } from '../workspaces.js';

interface Order {
  readonly repositoryId: string;
  readonly planBase: string;
  readonly attemptBase: string;
  readonly candidate: string;
  readonly setup: WorkspaceSetup | null;
  readonly signal: AbortSignal;
}

interface Deps {
  readonly git: Pick<GitPort, 'treeOf'>;
  readonly workspaces: Pick<Workspaces, 'open'>;
  readonly checks: ChecksPort;
  /** Absent: every base is run anew. */
  readonly ledger?: LedgerPort;
}

/** What is known before any check runs. */
export interface KnownBefore {
  /** The candidate's tree equals the attempt base's, so running a check on both says nothing. */
  readonly unchanged: boolean;
  /** The verdict needs no further turn. */
  readonly turned: boolean;
}

/**
 * Runs a spec's checks on the candidate, and on a base only where the verdict depends on it (see `nextRun`) and the
 * ledger does not know it. The candidate is always run: what the ledger has of its tree can only show it to be flaky.
 */
export async function runChecks(
  deps: Deps,
  order: Order,
  spec: Spec,
  known: KnownBefore,
): Promise<CheckStanding[]> {
  const runner = new CheckRunner(deps, order);
  const standings: CheckStanding[] = [];
  for (const check of spec.checks)
    standings.push(await runner.extend(check, { id: check.id, candidate: [] }, 'candidate'));
  const sameBase = order.planBase === order.attemptBase;
  let { turned } = known;
  for (const [index, check] of spec.checks.entries()) {
    let standing = standings[index] as CheckStanding;
    for (
      let next = nextRun(check, standing, { ...known, turned, sameBase });
      next !== null;
      next = nextRun(check, standing, { ...known, turned, sameBase })
    )
      standing = await runner.extend(check, standing, next);
    standings[index] = standing;
    turned ||= judgeCheck(check, standing, known.unchanged).result.turned;
  }
  return standings;
}

/** A run; without a duration it is none that the ledger may keep. */
interface Done {
  readonly result: CheckResult;
  readonly durationMs: number | null;
}

class CheckRunner {
  private environment: Promise<string> | null = null;
  /** Of the bases, what the ledger has and nobody asked for yet. */
  private readonly remembered = new Map<string, CheckResult[]>();

  constructor(
    private readonly deps: Deps,
    private readonly order: Order,
  ) {}

  /** Adds the next run on a commit: one that the ledger has of a base, or else a new one. */
  async extend(check: SpecCheck, standing: CheckStanding, place: RunPlace): Promise<CheckStanding> {
    const key = await this.keyOf(check, this.order[place]);
    const before = standing[place] ?? [];
    if (before.length === 0 && key !== null) {
      const known = (await this.deps.ledger?.runs(key)) ?? [];
      if (place === 'candidate') standing = { ...standing, candidateBefore: known };
      else this.remembered.set(`${place} ${check.id}`, [...known]);
    }
    const next = place === 'candidate' ? [] : this.recall(`${place} ${check.id}`);
    const runs = next.length > 0 ? next : [await this.runAndRecord(check, this.order[place], key)];
    return { ...standing, [place]: [...before, ...runs] };
  }

  /** Runs that agree are handed out one by one, as new ones would be; others all at once: they show what is flaky. */
  private recall(place: string): CheckResult[] {
    const known = this.remembered.get(place) ?? [];
    return known.splice(0, agree(known) ? 1 : known.length);
  }

  private async runAndRecord(check: SpecCheck, commit: string, key: LedgerKey | null): Promise<CheckResult> {
    const { result, durationMs } = await this.run(check, commit);
    const counts = result.kind === 'passed' || result.kind === 'failed';
    if (key !== null && counts && durationMs !== null)
      await this.deps.ledger?.record(key, result, durationMs);
    return result;
  }

  private async keyOf(check: SpecCheck, commit: string): Promise<LedgerKey | null> {
    if (this.deps.ledger === undefined) return null;
    const { repositoryId, setup } = this.order;
    this.environment ??= this.deps.checks.environment().then((checks) => canonicalHash({ checks, setup }));
    const { run, timeoutMs, report = null } = check;
    return {
      repositoryId,
      tree: await this.deps.git.treeOf({ repositoryId, commit }),
      check: canonicalHash({ run, timeoutMs, report }),
      environment: await this.environment,
    };
  }

  /** Each run has a checkout of its own: what one check writes must not reach the next. */
  private async run(check: SpecCheck, commit: string): Promise<Done> {
    const { signal } = this.order;
    signal.throwIfAborted();
    const workspace = await this.openOrBlame(commit);
    if ('kind' in workspace) return { result: workspace, durationMs: null };
    try {
      const run = await this.deps.checks.run({ check, cwd: workspace.path, env: workspace.env, signal });
      return { result: toResult(run), durationMs: run.kind === 'not_started' ? null : run.durationMs };
    } finally {
      await workspace.release();
    }
  }

  /**
   * A candidate whose set-up fails, where that of its base does not, has broken it: its checks are red. Any other
   * set-up that fails says nothing about the candidate.
   */
  private async openOrBlame(commit: string): Promise<PreparedWorkspace | CheckResult> {
    const { candidate, attemptBase } = this.order;
    try {
      return await this.open(commit);
    } catch (error) {
      if (!(error instanceof SetupFailed) || commit !== candidate || commit === attemptBase) throw error;
      await (await this.open(attemptBase)).release();
      return { kind: 'failed', exitCode: error.exitCode, output: error.message };
    }
  }

  private open(commit: string): Promise<PreparedWorkspace> {
    const { repositoryId, setup, attemptBase, planBase, signal } = this.order;
    const trusted = [attemptBase, planBase];
    return this.deps.workspaces.open({ repositoryId, commit, pool: 'verifier', setup, trusted, signal });
  }
}

/** A run as the verdict counts it: a report can make a good exit red, never a bad one green. */
export function toResult(run: CheckRun): CheckResult {
  if (run.kind !== 'finished') return run;
  const { exitCode, output, report } = run;
  if (report?.kind === 'tests') {
    const { tests } = report;
    const failed = report.failed || tests.some(({ outcome }) => outcome === 'failed');
    if (exitCode === 0 && !failed) return { kind: 'passed', tests };
    const note = exitCode === 0 ? { note: 'its exit code is 0, but its report says that it failed' } : {};
    return { kind: 'failed', exitCode, output, tests, ...note };
  }
  const note = report === undefined ? {} : { note: noteOf(report) };
  if (exitCode === 0 && report?.kind !== 'broken') return { kind: 'passed', ...note };
  return { kind: 'failed', exitCode, output, ...note };
}

function noteOf({
  kind,
  reason,
}: {
  readonly kind: 'broken' | 'unreadable';
  readonly reason: string;
}): string {
  return kind === 'broken'
    ? `${reason}; that counts as a failure`
    : `${reason}; so only the exit code counts`;
}
