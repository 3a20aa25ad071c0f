import type { SpecCheck } from './spec.js';
import type { Colour, ItemResult, Violation } from './verdict.js';

/** How one run of a check's command ended. */
export type CheckResult =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly exitCode: number; readonly output: string }
  | { readonly kind: 'timed_out'; readonly output: string }
  | { readonly kind: 'output_limit'; readonly output: string }
  | { readonly kind: 'limit_exceeded'; readonly limit: string; readonly output: string }
  | { readonly kind: 'not_started'; readonly reason: string };

/**
 * Runs of one check, first run first; a second one tells flaky from broken. A base is absent where the verdict
 * did not need it.
 */
export interface CheckStanding {
  readonly id: string;
  readonly candidate: readonly CheckResult[];
  readonly attemptBase?: readonly CheckResult[];
  readonly planBase?: readonly CheckResult[];
}

/** How repeated runs of one check on one commit count. */
export type RunsColour = Colour | 'flaky';

/** An item of the verdict together with the violations behind it. */
export interface JudgedItem {
  readonly result: ItemResult;
  readonly violations: readonly Violation[];
}

const OUTPUT_IN_MESSAGE = 2_000;

/** Red only when every run was red; red, then green is flaky: it neither blocks nor turns. */
export function colourOfRuns(runs: readonly CheckResult[]): RunsColour {
  const first = colourOf(runs[0]);
  if (first !== 'red' || runs.length < 2) return first;
  return runs.some((run) => run.kind === 'passed') ? 'flaky' : 'red';
}

/** Judges one check; with only an exit code, a baseline that was red already leaves a red candidate undecided. */
export function judgeCheck(
  check: SpecCheck,
  standing: CheckStanding | undefined,
  unchanged: boolean,
): JudgedItem {
  const candidate = colourOfRuns(standing?.candidate ?? []);
  const attemptBase = standing?.attemptBase && colourOfRuns(standing.attemptBase);
  const planBase = standing?.planBase && colourOfRuns(standing.planBase);
  const { colour, note } = candidateColour(check, standing, candidate, unchanged ? candidate : attemptBase);
  const violations = colour === 'red' ? [violationOf(check, standing?.candidate.at(-1))] : [];
  // Without a change of the tree, a difference from the attempt's base is noise, not work.
  const redBase = unchanged
    ? planBase === 'red' && attemptBase !== 'red'
    : planBase === 'red' || attemptBase === 'red';
  const why = note ?? baseNote(attemptBase, planBase, standing);
  const result: ItemResult = {
    id: check.id,
    kind: 'check',
    candidate: colour,
    ...(attemptBase !== undefined && { attemptBase: shown(attemptBase) }),
    ...(planBase !== undefined && { planBase: shown(planBase) }),
    turned: candidate === 'green' && redBase,
    ...(why !== undefined && { note: why }),
    violations: violations.length,
  };
  return { result, violations };
}

function candidateColour(
  check: SpecCheck,
  standing: CheckStanding | undefined,
  candidate: RunsColour,
  baseline: RunsColour | undefined,
): { colour: Colour; note?: string } {
  if (candidate === 'green') return { colour: 'green' };
  if (candidate === 'flaky') {
    return {
      colour: 'green',
      note: 'flaky: it failed, then passed on the same commit; it blocks and proves nothing',
    };
  }
  if (candidate === 'undecided') {
    return {
      colour: 'undecided',
      note: `it could not start: ${reasonOf(standing?.candidate) ?? 'it was not run'}`,
    };
  }
  if (check.compare === 'absolute') return { colour: 'red', note: describeRun(standing?.candidate.at(-1)) };
  if (baseline === 'red') {
    const remedy = 'use `compare: absolute` if the task has to make it pass';
    return { colour: 'undecided', note: `it was red before and says only an exit code; ${remedy}` };
  }
  if (baseline === 'undecided' || baseline === undefined) {
    const reason = reasonOf(standing?.attemptBase) ?? 'it was not run there';
    return { colour: 'undecided', note: `it is red, and the base to compare it with is unknown: ${reason}` };
  }
  return { colour: 'red', note: describeRun(standing?.candidate.at(-1)) };
}

function colourOf(run: CheckResult | undefined): Colour {
  if (run === undefined || run.kind === 'not_started') return 'undecided';
  return run.kind === 'passed' ? 'green' : 'red';
}

/** A flaky base is no red base, so it is shown as what it can prove. */
function shown(colour: RunsColour): Colour {
  return colour === 'flaky' ? 'green' : colour;
}

function baseNote(
  attemptBase: RunsColour | undefined,
  planBase: RunsColour | undefined,
  standing: CheckStanding | undefined,
): string | undefined {
  if (attemptBase === 'flaky' || planBase === 'flaky') return 'flaky on the base, so it turns nothing';
  const reason = reasonOf(standing?.attemptBase) ?? reasonOf(standing?.planBase);
  return reason === undefined ? undefined : `on the base it could not start: ${reason}`;
}

function reasonOf(runs: readonly CheckResult[] | undefined): string | undefined {
  const run = runs?.find((each) => each.kind === 'not_started');
  return run?.kind === 'not_started' ? run.reason : undefined;
}

function describeRun(run: CheckResult | undefined): string {
  if (run?.kind === 'timed_out') return 'it ran over its time limit';
  if (run?.kind === 'output_limit') return 'it wrote more than its output limit';
  if (run?.kind === 'limit_exceeded') return `it used ${run.limit}`;
  return run?.kind === 'failed' ? `exit code ${run.exitCode}` : 'it did not pass';
}

/** A check has no severity of its own in a spec; what it proves is never less than critical. */
function violationOf(check: SpecCheck, run: CheckResult | undefined): Violation {
  const output = run !== undefined && 'output' in run ? run.output.slice(-OUTPUT_IN_MESSAGE).trim() : '';
  const message = `\`${check.run}\`: ${describeRun(run)}${output === '' ? '' : `\n${output}`}`;
  return { rule: check.id, severity: 'critical', message };
}
