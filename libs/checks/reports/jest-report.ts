import type { ReportReading } from '#domain/spec/check-report.js';
import { ReportProblem, TestList } from './test-list.js';

/** Places in noisy output where a report might begin that are tried. */
const TRIES = 8;

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads what Jest writes with `--json`, and Vitest with `--reporter=json`.
 *
 * @throws ReportProblem
 */
export function readJest(text: string, roots: readonly string[]): ReportReading {
  const report = findReport(text);
  if (report === null) throw new ReportProblem('it holds no report of Jest or Vitest as JSON');
  if (report['wasInterrupted'] === true) throw new ReportProblem('its run was interrupted', 'broken');
  const list = new TestList(roots);
  let failed = report['success'] === false;
  for (const suite of listOf(report['testResults'])) {
    const name = stringOf(suite['name']) ?? stringOf(suite['testFilePath']);
    const file = name === undefined ? undefined : (list.fileOf(name) ?? name);
    const groups = file === undefined ? [] : [file];
    const tests = listOf(suite['assertionResults'] ?? suite['testResults']);
    for (const test of tests) addTest(list, test, groups, file);
    const broke = suite['status'] === 'failed' || suite['testExecError'] !== undefined;
    if (!broke || tests.some((test) => test['status'] === 'failed')) continue;
    // The file could not be run, or something outside of its tests failed.
    const message = stringOf(suite['message']) ?? stringOf(suite['failureMessage']);
    list.add({ path: [...groups, '(the whole file)'], outcome: 'failed', file, message });
  }
  if (list.tests.some(({ outcome }) => outcome === 'failed')) failed = false;
  return { kind: 'tests', tests: list.tests, failed };
}

/** Whether output is such a report by its looks. */
export function looksLikeJest(text: string): boolean {
  return text.includes('"numTotalTests"') && findReport(text) !== null;
}

function addTest(list: TestList, test: Json, groups: readonly string[], file: string | undefined): void {
  const status = stringOf(test['status']) ?? '';
  const titles = Array.isArray(test['ancestorTitles']) ? test['ancestorTitles'].map(String) : [];
  const title = stringOf(test['title']) ?? stringOf(test['fullName']) ?? '';
  const messages = Array.isArray(test['failureMessages']) ? test['failureMessages'].map(String) : [];
  const { location } = test;
  const line = isObject(location) ? location['line'] : undefined;
  // Whatever else it says, it did not run to its end: `pending`, `todo`, `disabled`.
  const outcome = status === 'failed' || status === 'passed' ? status : 'skipped';
  list.add({
    path: [...groups, ...titles, title],
    outcome,
    file,
    line: typeof line === 'number' ? line : undefined,
    message: withoutColours(messages.join('\n')),
  });
}

/** The report in output that may have other lines before and after it. */
function findReport(text: string): Json | null {
  const whole = parsed(text);
  if (whole !== null) return whole;
  const end = text.lastIndexOf('}') + 1;
  const begins = /^\{/gm;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const begin = begins.exec(text)?.index;
    if (begin === undefined || begin >= end) return null;
    const found = parsed(text.slice(begin, end)) ?? parsed(lineAt(text, begin));
    if (found !== null) return found;
  }
  return null;
}

function lineAt(text: string, begin: number): string {
  const end = text.indexOf('\n', begin);
  return end < 0 ? text.slice(begin) : text.slice(begin, end);
}

function parsed(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) &&
      typeof value['numTotalTests'] === 'number' &&
      Array.isArray(value['testResults'])
      ? value
      : null;
  } catch {
    return null;
  }
}

function withoutColours(text: string): string {
  return text.replaceAll(/\u001b\[[0-9;]*m/g, '');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
