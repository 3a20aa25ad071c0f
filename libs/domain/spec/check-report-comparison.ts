import type { TestResult } from './check-report.js';

/** Tests of one name that differ between two trees. */
export interface TestDifference {
  readonly name: string;
  /** How many of that name. */
  readonly count: number;
  /** One of them, as it was last seen. */
  readonly test: TestResult;
  /** Of one that is gone: it is still there, but skipped. */
  readonly skipped: boolean;
}

/** What the runs on a candidate's tree say, beside those on a base's. */
export interface TestComparison {
  readonly newFailures: readonly TestDifference[];
  /** They ran on the base, and do not on the candidate. */
  readonly gone: readonly TestDifference[];
  readonly fixed: readonly TestDifference[];
  readonly preExisting: number;
  readonly flaky: number;
}

/** All runs on one tree, counted for one name: two tests may have the same. */
export interface Tally {
  /** At most so many failed in one run. */
  readonly failedMax: number;
  readonly passedMax: number;
  readonly ranMax: number;
  /** So many ran in every run. */
  readonly ranMin: number;
  /** The last failure, or else the last of that name. */
  readonly test: TestResult;
}

export type Tallies = ReadonlyMap<string, Tally>;

/** Counts the runs on one tree. A test that is missing from a run did not pass there. */
export function tallyRuns(runs: readonly (readonly TestResult[])[]): Tallies {
  const tallies = new Map<string, Tally>();
  const appearances = new Map<string, number>();
  for (const run of runs) {
    for (const [name, { failed, passed, test }] of countRun(run)) {
      const before = tallies.get(name);
      const ran = failed + passed;
      appearances.set(name, (appearances.get(name) ?? 0) + 1);
      tallies.set(name, {
        failedMax: Math.max(before?.failedMax ?? 0, failed),
        passedMax: Math.max(before?.passedMax ?? 0, passed),
        ranMax: Math.max(before?.ranMax ?? 0, ran),
        ranMin: Math.min(before?.ranMin ?? ran, ran),
        test: before?.test.outcome === 'failed' && test.outcome !== 'failed' ? before.test : test,
      });
    }
  }
  for (const [name, count] of appearances)
    if (count < runs.length) tallies.set(name, { ...(tallies.get(name) as Tally), ranMin: 0 });
  return tallies;
}

interface Count {
  failed: number;
  passed: number;
  skipped: number;
  test: TestResult;
}

function countRun(run: readonly TestResult[]): Map<string, Count> {
  const counts = new Map<string, Count>();
  for (const test of run) {
    const count = counts.get(test.name) ?? { failed: 0, passed: 0, skipped: 0, test };
    count[test.outcome] += 1;
    if (test.outcome === 'failed') count.test = test;
    counts.set(test.name, count);
  }
  return counts;
}

/** Failed and never seen to pass: what passed in another run on the same tree is flaky. */
export function stableFailures({ failedMax, passedMax, ranMax }: Tally): number {
  return Math.min(failedMax, ranMax - passedMax);
}

/** Whether one of that name both failed and passed on the same tree. */
export function isFlaky(tally: Tally): boolean {
  return tally.failedMax > stableFailures(tally);
}

const NONE = { failedMax: 0, passedMax: 0, ranMax: 0, ranMin: 0 } as const;

/**
 * Compares a candidate with a base, name by name.
 *
 * @param flakyElsewhere names that are flaky on another base; their failures neither count nor are fixed
 */
export function compareTests(
  base: Tallies,
  candidate: Tallies,
  flakyElsewhere: ReadonlySet<string> = new Set(),
): TestComparison {
  const newFailures: TestDifference[] = [];
  const gone: TestDifference[] = [];
  const fixed: TestDifference[] = [];
  let preExisting = 0;
  let flaky = 0;
  for (const name of new Set([...base.keys(), ...candidate.keys()])) {
    const test = (candidate.get(name) ?? base.get(name))?.test as TestResult;
    const differs = (count: number): TestDifference => {
      return { name, count, test, skipped: candidate.get(name)?.test.outcome === 'skipped' };
    };
    const before = base.get(name) ?? { ...NONE, test };
    const after = candidate.get(name) ?? { ...NONE, test };
    const failing = stableFailures(after);
    const unstable = Math.max(after.failedMax - failing, before.failedMax - stableFailures(before));
    const known = flakyElsewhere.has(name);
    const added = Math.max(0, failing - before.failedMax);
    if (added > 0 && !known) newFailures.push(differs(added));
    if (!known) preExisting += Math.min(failing, stableFailures(before));
    flaky += known ? Math.max(after.failedMax, unstable) : unstable;
    const lost = before.ranMin - after.ranMax;
    if (lost > 0) gone.push(differs(lost));
    const turned = Math.min(stableFailures(before) - after.failedMax, after.passedMax - before.passedMax);
    if (turned > 0 && !known) fixed.push(differs(turned));
  }
  return { newFailures, gone, fixed, preExisting, flaky };
}

/** How many tests a list of differences stands for. */
export function countOf(differences: readonly TestDifference[]): number {
  return differences.reduce((sum, { count }) => sum + count, 0);
}
