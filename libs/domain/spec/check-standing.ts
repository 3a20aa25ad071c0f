import type { CheckResult, TestResult } from './check-report.js';
import {
  compareTests,
  countOf,
  isFlaky,
  stableFailures,
  tallyRuns,
  type Tallies,
  type TestComparison,
} from './check-report-comparison.js';
import type { SpecCheck } from './spec.js';
import type { Colour, ItemResult, TestCounts, Violation } from './verdict.js';
import { commandViolation, describeRun, differenceViolations, failedTests } from './check-violations.js';

/**
 * Runs of one check, first run first; a second one tells flaky from broken. A base is absent where the verdict
 * did not need it.
 */
export interface CheckStanding {
  readonly id: string;
  readonly candidate: readonly CheckResult[];
  /** Earlier runs on the candidate's tree. They show what is flaky, and nothing else. */
  readonly candidateBefore?: readonly CheckResult[];
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

/** How often a base has to be red before what it failed can turn. */
export const RUNS_OF_A_RED_BASE = 2;

/** The command counts like a test in every run whose exit no failing test explains. No test has a NUL in its name. */
const COMMAND = '\0command';

/** All runs on one tree. */
interface Side {
  readonly tests: Tallies;
  readonly command: 'passed' | 'failed' | 'flaky' | 'unknown';
}

/** Red only when something failed that no run on the same tree saw passing; else, a failure is flaky. */
export function colourOfRuns(runs: readonly CheckResult[]): RunsColour {
  const [first] = runs;
  if (first === undefined || first.kind === 'not_started') return 'undecided';
  if (runs.every((run) => run.kind === 'passed' || run.kind === 'not_started')) return 'green';
  return isRed(sideOf(runs)) ? 'red' : 'flaky';
}

/** Whether nothing both failed and passed in runs on one tree. */
export function agree(runs: readonly CheckResult[]): boolean {
  const { tests, command } = sideOf(runs);
  return command !== 'flaky' && ![...tests.values()].some(isFlaky);
}

function isRed({ tests, command }: Side): boolean {
  return command === 'failed' || [...tests.values()].some((tally) => stableFailures(tally) > 0);
}

/** What a check shows so far: its colour on the candidate, and what has to be looked at again before that stands. */
export interface CheckSight {
  readonly colour: Colour;
  readonly notes: readonly string[];
  readonly violations: readonly Violation[];
  readonly comparison: TestComparison | null;
}

/**
 * How the candidate stands. By exit code alone, a base that was red already leaves a red candidate undecided; with
 * single tests on both sides, what failed before does not count, and what ran before has to run.
 */
export function sightCheck(
  check: SpecCheck,
  standing: CheckStanding | undefined,
  unchanged: boolean,
): CheckSight {
  const runs = standing?.candidate ?? [];
  const last = runs.at(-1);
  const sight = (colour: Colour, notes: readonly (string | undefined)[]): CheckSight => {
    const noted = [...notes, last !== undefined && 'note' in last ? last.note : undefined];
    return { colour, notes: noted.flatMap((note) => note ?? []), violations: [], comparison: null };
  };
  if (standing === undefined || colourOfRuns(runs) === 'undecided')
    return sight('undecided', [`it could not start: ${reasonOf(runs) ?? 'it was not run'}`]);
  const all = [...runs, ...(standing.candidateBefore ?? [])];
  if (check.compare === 'absolute') {
    if (runs.some((run) => run.kind === 'passed'))
      return sight('green', colourOfRuns(all) === 'green' ? [] : [FLAKY]);
    return { ...sight('red', [describeRun(last)]), violations: failedTests(check, last) };
  }
  const base = unchanged ? all : standing.attemptBase;
  if (base === undefined || colourOfRuns(base) === 'undecided') {
    const colour = colourOfRuns(all);
    if (colour !== 'red') return sight('green', colour === 'flaky' ? [FLAKY] : []);
    const reason = reasonOf(base) ?? 'it was not run there';
    return sight('undecided', [`it is red, and the base to compare it with is unknown: ${reason}`]);
  }
  return { ...sight('green', []), ...compareWithBase(check, sideOf(base), sideOf(all), standing) };
}

const FLAKY = 'flaky: it failed, then passed on the same commit; it blocks and proves nothing';
const RED_BEFORE =
  'it was red before and says only an exit code; use `compare: absolute` if the task has to make it pass';

/** Beyond the single tests, the command: red where no failing test explains its exit. */
function compareWithBase(
  check: SpecCheck,
  base: Side,
  candidate: Side,
  standing: CheckStanding,
): Omit<CheckSight, 'colour'> & { readonly colour: Colour } {
  const last = standing.candidate.at(-1);
  const comparison = compareTests(base.tests, candidate.tests, flakyTests(standing.planBase));
  const notes = [
    ...describeComparison(comparison),
    ...(last !== undefined && 'note' in last ? [last.note] : []),
  ];
  const shown = base.tests.size + candidate.tests.size > 0 ? comparison : null;
  const sight = { notes: notes.flatMap((note) => note ?? []), violations: [], comparison: shown };
  if (candidate.tests.size === 0 && comparison.gone.length > 0) {
    const missing = `it reports none of the ${countOf(comparison.gone)} tests that ran on the base`;
    return {
      ...sight,
      colour: 'red',
      notes: [missing, ...sight.notes],
      violations: [commandViolation(check, last, missing)],
    };
  }
  if (base.tests.size === 0 && base.command !== 'passed' && isRed(candidate))
    return { ...sight, colour: 'undecided', notes: [RED_BEFORE, ...sight.notes] };
  const violations = differenceViolations(check, comparison);
  const broken = candidate.command === 'failed' && base.command === 'passed';
  if (broken) violations.push(commandViolation(check, last));
  if (violations.length > 0) {
    const notes = broken ? [describeRun(last), ...sight.notes] : sight.notes;
    return { ...sight, colour: 'red', notes, violations };
  }
  if (candidate.command === 'failed')
    return { ...sight, colour: 'undecided', notes: [RED_BEFORE, ...sight.notes] };
  const notesIfFlaky = candidate.command === 'flaky' ? [FLAKY] : [];
  return { ...sight, colour: 'green', notes: [...notesIfFlaky, ...sight.notes] };
}

function describeComparison({ newFailures, gone, preExisting, flaky }: TestComparison): string[] {
  const parts: [number, string][] = [
    [countOf(newFailures), 'failing that did not fail before'],
    [countOf(gone), 'gone that ran before'],
    [preExisting, 'failing as before, which blocks and turns nothing'],
    [flaky, 'flaky, which blocks and proves nothing'],
  ];
  return parts.flatMap(([count, what]) =>
    count > 0 ? [`${count} ${count === 1 ? 'test' : 'tests'} ${what}`] : [],
  );
}

/** Whether something that a base failed, twice, passes on the candidate. */
export function isTurnedFrom(
  check: SpecCheck,
  standing: CheckStanding,
  which: 'attemptBase' | 'planBase',
): boolean {
  const base = standing[which];
  return base !== undefined && base.length >= RUNS_OF_A_RED_BASE && couldTurnFrom(check, standing, which);
}

/** As `isTurnedFrom`, whatever the number of the base's runs: a further one may show a failure to be flaky. */
export function couldTurnFrom(
  check: SpecCheck,
  standing: CheckStanding,
  which: 'attemptBase' | 'planBase',
): boolean {
  const base = standing[which];
  if (base === undefined || colourOfRuns(base) !== 'red') return false;
  const all = [...standing.candidate, ...(standing.candidateBefore ?? [])];
  if (check.compare === 'absolute') return colourOfRuns(all) === 'green';
  const [before, after] = [sideOf(base), sideOf(all)];
  if (before.command === 'failed' && after.command === 'passed') return true;
  const other = which === 'planBase' ? standing.attemptBase : standing.planBase;
  return compareTests(before.tests, after.tests, flakyTests(other)).fixed.length > 0;
}

/** Judges one check from its runs. */
export function judgeCheck(
  check: SpecCheck,
  standing: CheckStanding | undefined,
  unchanged: boolean,
): JudgedItem {
  const { colour, notes, violations, comparison } = sightCheck(check, standing, unchanged);
  const attemptBase = standing?.attemptBase && colourOfRuns(standing.attemptBase);
  const planBase = standing?.planBase && colourOfRuns(standing.planBase);
  const turnedFrom = (which: 'attemptBase' | 'planBase') =>
    standing !== undefined && isTurnedFrom(check, standing, which);
  // Without a change of the tree, a difference from the attempt's base is noise, not work.
  const turned = colour === 'green' && ((!unchanged && turnedFrom('attemptBase')) || turnedFrom('planBase'));
  const note = [...notes, ...(notes.length === 0 ? baseNote(attemptBase, planBase, standing) : [])].join(
    '; ',
  );
  const result: ItemResult = {
    id: check.id,
    kind: 'check',
    candidate: colour,
    ...(attemptBase !== undefined && { attemptBase: shown(attemptBase) }),
    ...(planBase !== undefined && { planBase: shown(planBase) }),
    turned,
    ...(note !== '' && { note }),
    violations: violations.length,
    ...(comparison !== null && { tests: countsOf(comparison, standing, turned) }),
  };
  return { result, violations };
}

/** Fixed is what turned: compared with the base of the attempt, or else of the plan. */
function countsOf(
  { newFailures, gone, preExisting, flaky, fixed }: TestComparison,
  standing: CheckStanding | undefined,
  turned: boolean,
): TestCounts {
  const fromPlan = (): number => {
    const after = sideOf([...(standing?.candidate ?? []), ...(standing?.candidateBefore ?? [])]);
    return countOf(compareTests(sideOf(standing?.planBase ?? []).tests, after.tests).fixed);
  };
  const count = countOf(fixed) || (turned ? fromPlan() : 0);
  return { new: countOf(newFailures), fixed: count, preExisting, flaky, gone: countOf(gone) };
}

function sideOf(runs: readonly CheckResult[]): Side {
  const tests = new Map(tallyRuns(runs.flatMap((run) => (run.kind === 'not_started' ? [] : [testsOf(run)]))));
  const tally = tests.get(COMMAND);
  tests.delete(COMMAND);
  if (tally === undefined) return { tests, command: 'unknown' };
  if (isFlaky(tally)) return { tests, command: 'flaky' };
  return { tests, command: tally.failedMax > 0 ? 'failed' : 'passed' };
}

function testsOf(run: Exclude<CheckResult, { kind: 'not_started' }>): readonly TestResult[] {
  const tests = 'tests' in run ? (run.tests ?? []) : [];
  if (run.kind === 'passed') return [...tests, { name: COMMAND, outcome: 'passed' }];
  return tests.some((test) => test.outcome === 'failed')
    ? tests
    : [...tests, { name: COMMAND, outcome: 'failed' }];
}

function flakyTests(runs: readonly CheckResult[] | undefined): ReadonlySet<string> {
  const tallies = [...sideOf(runs ?? []).tests];
  return new Set(tallies.flatMap(([name, tally]) => (isFlaky(tally) ? [name] : [])));
}

/** A flaky base is no red base, so it is shown as what it can prove. */
function shown(colour: RunsColour): Colour {
  return colour === 'flaky' ? 'green' : colour;
}

function baseNote(
  attemptBase: RunsColour | undefined,
  planBase: RunsColour | undefined,
  standing: CheckStanding | undefined,
): string[] {
  if (attemptBase === 'flaky' || planBase === 'flaky') return ['flaky on the base, so it turns nothing'];
  const reason = reasonOf(standing?.attemptBase) ?? reasonOf(standing?.planBase);
  return reason === undefined ? [] : [`on the base it could not start: ${reason}`];
}

function reasonOf(runs: readonly CheckResult[] | undefined): string | undefined {
  const run = runs?.find((each) => each.kind === 'not_started');
  return run?.kind === 'not_started' ? run.reason : undefined;
}
