import type { CheckResult, TestResult } from '#domain/spec/check-report.js';
import type { SpecCheck } from '#domain/spec/spec.js';

/** A check that compares with its baseline. */
export const check: SpecCheck = { id: 'unit', run: 'npm test', timeoutMs: 1_000, compare: 'baseline' };

/** A run that reports tests: `a` passes, `!a` fails, `?a` is skipped. */
export function ran(written: string, exitCode?: number): CheckResult {
  const tests = written.split(' ').flatMap((word): TestResult[] => {
    if (word === '') return [];
    if (word.startsWith('!'))
      return [{ name: word.slice(1), outcome: 'failed', message: 'boom', file: 'a.js' }];
    if (word.startsWith('?')) return [{ name: word.slice(1), outcome: 'skipped' }];
    return [{ name: word, outcome: 'passed' }];
  });
  const failed = exitCode ?? (tests.some(({ outcome }) => outcome === 'failed') ? 1 : 0);
  return failed === 0
    ? { kind: 'passed', tests }
    : { kind: 'failed', exitCode: failed, output: 'tail', tests };
}

export const passed: CheckResult = { kind: 'passed' };
export const broke: CheckResult = { kind: 'failed', exitCode: 1, output: 'tail' };
export const slow: CheckResult = { kind: 'timed_out', output: '' };

/** Runs, or their tests as `ran` reads them. */
export type Runs = readonly (string | CheckResult)[];
/** What runs are written for. */
export const runsOf = (runs: Runs): CheckResult[] =>
  runs.map((run) => (typeof run === 'string' ? ran(run) : run));
