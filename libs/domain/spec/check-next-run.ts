import {
  colourOfRuns,
  couldTurnFrom,
  isTurnedFrom,
  RUNS_OF_A_RED_BASE,
  sightCheck,
  type CheckStanding,
} from './check-standing.js';
import type { SpecCheck } from './spec.js';

/** What is known beside the runs of one check. */
export interface KnownBeforeRun {
  /** The candidate's tree equals the attempt base's, so running a check on both says nothing. */
  readonly unchanged: boolean;
  /** The verdict needs no further turn. */
  readonly turned: boolean;
  /** The plan's base is the attempt's base. */
  readonly sameBase: boolean;
}

export type RunPlace = 'candidate' | 'attemptBase' | 'planBase';

const RUNS_OF_A_RED_CANDIDATE = 2;

/**
 * Where a check has to run next for its verdict; null: it has been decided. A base is run only where the verdict depends
 * on it: a candidate that is red, or reports single tests, needs its baseline, and a green one needs a red base as long
 * as nothing else turned. A failure that the baseline does not have, and one that is about to turn, is run again.
 */
export function nextRun(check: SpecCheck, standing: CheckStanding, known: KnownBeforeRun): RunPlace | null {
  const { candidate } = standing;
  if (candidate.length === 0) return 'candidate';
  if (colourOfRuns(candidate) === 'undecided') return null;
  return nextComparison(check, standing, known) ?? nextTurn(check, standing, known);
}

function nextComparison(check: SpecCheck, standing: CheckStanding, known: KnownBeforeRun): RunPlace | null {
  const { candidate, attemptBase } = standing;
  if (check.compare === 'absolute' || known.unchanged) return null;
  const first = candidate[0];
  const reports = check.report !== undefined || (first !== undefined && 'tests' in first);
  if (first?.kind === 'passed' && !reports) return null;
  if (attemptBase === undefined) return 'attemptBase';
  const sight = sightCheck(check, standing, false);
  if (sight.colour !== 'red' || candidate.length >= RUNS_OF_A_RED_CANDIDATE) return null;
  // A name that differs from run to run is not gone.
  const unsure = (sight.comparison?.gone.length ?? 0) > 0 && attemptBase.length < 2;
  return unsure ? 'attemptBase' : 'candidate';
}

function nextTurn(check: SpecCheck, standing: CheckStanding, known: KnownBeforeRun): RunPlace | null {
  if (known.turned || sightCheck(check, standing, known.unchanged).colour !== 'green') return null;
  // A flaky candidate proves nothing; of its single tests, others may.
  const runs = [...standing.candidate, ...(standing.candidateBefore ?? [])];
  const single = check.compare === 'baseline' && reportsTests(standing);
  if (colourOfRuns(runs) === 'flaky' && !single) return null;
  for (const base of ['attemptBase', 'planBase'] as const) {
    if (base === 'attemptBase' ? known.unchanged : known.sameBase) continue;
    const done = standing[base];
    if (done === undefined) return base;
    if (isTurnedFrom(check, standing, base)) return null;
    if (done.length < RUNS_OF_A_RED_BASE && couldTurnFrom(check, standing, base)) return base;
  }
  return null;
}

function reportsTests({ candidate }: CheckStanding): boolean {
  return candidate.some((run) => 'tests' in run && (run.tests?.length ?? 0) > 0);
}
