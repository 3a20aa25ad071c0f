import { colourOfRuns, type CheckResult, type CheckStanding } from '#domain/spec/check-standing.js';
import type { Spec, SpecCheck } from '#domain/spec/spec.js';
import type { CheckRun, ChecksPort } from '../ports/checks.port.js';
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
  readonly workspaces: Pick<Workspaces, 'open'>;
  readonly checks: ChecksPort;
}

/** What is known before any check runs. */
export interface KnownBefore {
  /** The candidate's tree equals the attempt base's, so running a check on both says nothing. */
  readonly unchanged: boolean;
  /** The verdict needs no further turn. */
  readonly turned: boolean;
}

/**
 * Runs a spec's checks on the candidate, and on a base only where the verdict depends on it: a red candidate needs its
 * baseline, and a green one needs a red base only as long as nothing else turned.
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
    standings.push({ id: check.id, candidate: [await runner.run(check, order.candidate)] });
  let { turned } = known;
  for (const [index, check] of spec.checks.entries()) {
    const first = standings[index] as CheckStanding;
    const colour = colourOfRuns(first.candidate);
    if (colour === 'red') standings[index] = await compareRed(runner, order, check, first, known);
    else if (colour === 'green' && !turned) {
      standings[index] = await findRedBase(runner, order, check, first, known);
      turned = isRed(standings[index]?.attemptBase) || isRed(standings[index]?.planBase);
    }
  }
  return standings;
}

/** A failure that the baseline does not have is run again, since only a second one tells broken from flaky. */
async function compareRed(
  runner: CheckRunner,
  order: Order,
  check: SpecCheck,
  standing: CheckStanding,
  known: KnownBefore,
): Promise<CheckStanding> {
  if (check.compare === 'absolute' || known.unchanged) return standing;
  const attemptBase = [await runner.run(check, order.attemptBase)];
  if (colourOfRuns(attemptBase) !== 'green') return { ...standing, attemptBase };
  const again = await runner.run(check, order.candidate);
  return { ...standing, attemptBase, candidate: [...standing.candidate, again] };
}

/** A red base is run again as well: a flaky failure there must not count as work that the candidate did. */
async function findRedBase(
  runner: CheckRunner,
  order: Order,
  check: SpecCheck,
  standing: CheckStanding,
  known: KnownBefore,
): Promise<CheckStanding> {
  const result = { ...standing };
  if (!known.unchanged) {
    const attemptBase = await runner.confirmRed(check, order.attemptBase);
    if (isRed(attemptBase) || order.planBase === order.attemptBase) return { ...result, attemptBase };
    return { ...result, attemptBase, planBase: await runner.confirmRed(check, order.planBase) };
  }
  if (order.planBase === order.attemptBase) return result;
  return { ...result, planBase: await runner.confirmRed(check, order.planBase) };
}

function isRed(runs: readonly CheckResult[] | undefined): boolean {
  return runs !== undefined && colourOfRuns(runs) === 'red';
}

class CheckRunner {
  constructor(
    private readonly deps: Deps,
    private readonly order: Order,
  ) {}

  async confirmRed(check: SpecCheck, commit: string): Promise<CheckResult[]> {
    const first = await this.run(check, commit);
    return colourOfRuns([first]) === 'red' ? [first, await this.run(check, commit)] : [first];
  }

  /** Each run has a checkout of its own: what one check writes must not reach the next. */
  async run(check: SpecCheck, commit: string): Promise<CheckResult> {
    const { signal } = this.order;
    signal.throwIfAborted();
    const workspace = await this.openOrBlame(commit);
    if ('kind' in workspace) return workspace;
    try {
      return toResult(await this.deps.checks.run({ check, cwd: workspace.path, env: workspace.env, signal }));
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

/** A run as the verdict counts it. */
export function toResult(run: CheckRun): CheckResult {
  if (run.kind !== 'finished') return run;
  return run.exitCode === 0
    ? { kind: 'passed' }
    : { kind: 'failed', exitCode: run.exitCode, output: run.output };
}
