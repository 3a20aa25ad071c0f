import type { TestComparison, TestDifference } from './check-report-comparison.js';
import type { CheckResult, TestResult } from './check-report.js';
import type { SpecCheck } from './spec.js';
import type { Violation } from './verdict.js';

const OUTPUT_IN_MESSAGE = 2_000;
const TEST_MESSAGE = 1_000;

/** How a run ended, in words. */
export function describeRun(run: CheckResult | undefined): string {
  if (run?.kind === 'timed_out') return 'it ran over its time limit';
  if (run?.kind === 'output_limit') return 'it wrote more than its output limit';
  if (run?.kind === 'limit_exceeded') return `it used ${run.limit}`;
  return run?.kind === 'failed' ? `exit code ${run.exitCode}` : 'it did not pass';
}

/** The command itself failed. A check has no severity of its own in a spec; what it proves is never less than critical. */
export function commandViolation(
  check: SpecCheck,
  run: CheckResult | undefined,
  why = describeRun(run),
): Violation {
  const output = run !== undefined && 'output' in run ? run.output.slice(-OUTPUT_IN_MESSAGE).trim() : '';
  const message = `\`${check.run}\`: ${why}${output === '' ? '' : `\n${output}`}`;
  return { rule: check.id, severity: 'critical', message };
}

/** Every failing test of a run, or, where it names none, the command. */
export function failedTests(check: SpecCheck, run: CheckResult | undefined): Violation[] {
  const tests = run?.kind === 'failed' ? (run.tests ?? []) : [];
  const failed = tests.filter((test) => test.outcome === 'failed');
  if (failed.length === 0) return [commandViolation(check, run)];
  return failed.map((test) => violation(check, test, 'fails'));
}

/** What a candidate broke or lost. */
export function differenceViolations(check: SpecCheck, { newFailures, gone }: TestComparison): Violation[] {
  return [
    ...newFailures.map((difference) => violation(check, difference.test, `fails, twice${times(difference)}`)),
    ...gone.map((difference) => {
      const { line: _, message: __, ...test } = difference.test;
      const { skipped } = difference;
      const what = skipped
        ? 'is skipped; it ran on the base'
        : 'is gone; it ran on the base. A test that is renamed is gone: keep its name';
      return violation(check, test, `${what}${times(difference)}`);
    }),
  ];
}

function times({ count }: TestDifference): string {
  return count > 1 ? ` (${count} tests of that name)` : '';
}

function violation(check: SpecCheck, test: TestResult, what: string): Violation {
  const { name, file, line, message = '' } = test;
  const why = message.slice(0, TEST_MESSAGE).trim();
  return {
    rule: check.id,
    severity: 'critical',
    message: `test \`${name.slice(0, TEST_MESSAGE)}\` ${what}${why === '' ? '' : `\n${why}`}`,
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
  };
}
