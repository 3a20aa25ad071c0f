import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { REPORT_FORMATS, type ReportReading, type TestResult } from '#domain/spec/check-report.js';
import { formatOfOutput, readReport } from './read-report.js';

const ROOTS = ['/checkout'];
const sample = (name: string) => readFileSync(join(__dirname, 'samples', name), 'utf8');

function testsOf(reading: ReportReading): readonly TestResult[] {
  if (reading.kind !== 'tests') throw new Error(reading.reason);
  return reading.tests;
}

/** Names by what became of them. */
function outcomes(reading: ReportReading): Record<string, string> {
  return Object.fromEntries(testsOf(reading).map(({ name, outcome }) => [name, outcome]));
}

const tap = (...lines: string[]) => readReport('tap', lines.join('\n'), ROOTS);
const junit = (xml: string) => readReport('junit', xml, ROOTS);

describe('Vitest and Jest', () => {
  test('a report has tests by file and group, and files that could not be run', () => {
    const reading = readReport('vitest', sample('vitest.json'), ROOTS);
    expect(reading).toMatchObject({ kind: 'tests', failed: false });
    expect(outcomes(reading)).toEqual({
      'src/cart.test.ts > cart > adds up': 'passed',
      'src/cart.test.ts > cart > refuses': 'failed',
      'src/cart.test.ts > cart > later': 'skipped',
      'src/broken.test.ts > (the whole file)': 'failed',
    });
    expect(testsOf(reading)[1]).toMatchObject({
      file: 'src/cart.test.ts',
      line: 8,
      message: 'AssertionError: expected 1 to be 2 // Object.is equality\n    at src/cart.test.ts:9:15',
    });
  });

  test('it is found among other lines', () => {
    const noisy = `\n> demo@1.0.0 test\n> vitest --reporter=json\n\n{ not json\n${sample('vitest.json')}\nJSON report written\n`;
    expect(readReport('jest', noisy, ROOTS)).toEqual(readReport('jest', sample('vitest.json'), ROOTS));
    expect(formatOfOutput(noisy)).toBe('jest');
  });

  test('one that says that it failed, and names no test, says so', () => {
    const report = JSON.stringify({ numTotalTests: 0, success: false, testResults: [] });
    expect(readReport('jest', report, ROOTS)).toEqual({ kind: 'tests', tests: [], failed: true });
  });

  test('one of a run that was interrupted is broken, one that is cut off unreadable', () => {
    const report = { numTotalTests: 0, success: true, wasInterrupted: true, testResults: [] };
    expect(readReport('jest', JSON.stringify(report), ROOTS)).toMatchObject({ kind: 'broken' });
    expect(readReport('jest', sample('vitest.json').slice(0, -30), ROOTS)).toMatchObject({
      kind: 'unreadable',
    });
  });

  test('a status that nobody knows is no pass', () => {
    const test = { title: 'a', status: 'queued' };
    const report = { numTotalTests: 1, success: true, testResults: [{ assertionResults: [test] }] };
    expect(outcomes(readReport('jest', JSON.stringify(report), ROOTS))).toEqual({ a: 'skipped' });
  });
});

describe('JUnit', () => {
  test('failures, errors, skipped tests and places', () => {
    const reading = junit(sample('pytest.xml'));
    expect(outcomes(reading)).toEqual({
      'tests/test_cart.py > pytest > tests.test_cart > test_adds[1-2]': 'passed',
      'tests/test_cart.py > pytest > tests.test_cart > test_refuses': 'failed',
      'tests/test_cart.py > pytest > tests.test_cart > test_later': 'skipped',
      'pytest > tests.test_broken': 'failed',
    });
    expect(testsOf(reading)[1]).toMatchObject({
      file: 'tests/test_cart.py',
      line: 9,
      message: expect.stringMatching(/^assert 1 == 2\ndef test_refuses/),
    });
    expect(testsOf(reading)[3]?.message).toBe("collection failure\nImportError: No module named 'gone' <x>");
  });

  test('a document type is refused, and with it every entity that it declares', () => {
    const laughs = Array.from(
      { length: 9 },
      (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`,
    ).join('');
    const bomb = `<?xml version="1.0"?><!DOCTYPE t [<!ENTITY l0 "ha">${laughs}]><testsuite name="&l9;"/>`;
    const file =
      '<?xml version="1.0"?><!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite name="&x;"/>';
    for (const xml of [bomb, file])
      expect(junit(xml)).toEqual({ kind: 'unreadable', reason: expect.stringMatching(/document type/) });
    expect(junit('<testsuite name="&nbsp;"/>')).toMatchObject({ kind: 'unreadable' });
  });

  test('what declares failures and names none says that it failed', () => {
    expect(junit('<testsuites><testsuite name="a" tests="3" failures="1" errors="0"/></testsuites>')).toEqual(
      {
        kind: 'tests',
        tests: [],
        failed: true,
      },
    );
  });

  test('what is cut off is unreadable', () => {
    expect(junit(sample('pytest.xml').slice(0, 700))).toMatchObject({ kind: 'unreadable' });
    expect(junit('')).toMatchObject({ kind: 'unreadable', reason: expect.stringMatching(/no JUnit/) });
  });

  test('an error of a suite is a failure of its own; one that passed in the end is none', () => {
    const xml = `<testsuite name="a"><error message="before all"/>
      <testcase name="b"><flakyFailure message="once"/></testcase></testsuite>`;
    expect(outcomes(junit(xml))).toEqual({ 'a > (the whole suite)': 'failed', 'a > b': 'passed' });
  });

  test('elements that lie too deep end the reading', () => {
    expect(junit('<testsuite name="a">'.repeat(5_000))).toMatchObject({
      reason: expect.stringMatching(/deeper/),
    });
  });
});

describe('TAP', () => {
  test('points, directives, escapes and output between them', () => {
    const reading = tap(
      'TAP version 14',
      '1..7',
      'ok 1 - adds',
      'not ok 2 - subs',
      '  ---',
      '  message: "1 == 2"',
      '  at: "/checkout/src/a.js:3:5"',
      '  ...',
      'some output, okay',
      'ok 3 - later # SKIP not now',
      'not ok 4 - planned # todo',
      'ok 5 - issue \\#12 # time=3.25ms',
      'ok',
      'not ok 7 unnumbered dash # no directive',
    );
    expect(testsOf(reading)).toEqual([
      { name: 'adds', outcome: 'passed' },
      { name: 'subs', outcome: 'failed', file: 'src/a.js', line: 3, message: '1 == 2' },
      { name: 'later', outcome: 'skipped' },
      { name: 'planned', outcome: 'skipped' },
      { name: 'issue #12', outcome: 'passed' },
      { name: 'test 6', outcome: 'passed' },
      { name: 'unnumbered dash # no directive', outcome: 'failed' },
    ]);
  });

  test('subtests carry the names of their groups, at any depth', () => {
    const reading = tap(
      'TAP version 13',
      '# Subtest: outer',
      '    # Subtest: inner',
      '        ok 1 - deep',
      '        not ok 2 - deeper',
      '        1..2',
      '    not ok 1 - inner',
      '    1..1',
      'not ok 1 - outer',
      '    1..0 # SKIP nothing here',
      'ok 2 - empty',
      '1..2',
    );
    expect(outcomes(reading)).toEqual({
      'outer > inner > deep': 'passed',
      'outer > inner > deeper': 'failed',
      empty: 'passed',
    });
  });

  test('a group that failed by itself is a failure of its own; a planned one excuses its tests', () => {
    const group = (point: string, ...children: string[]) =>
      outcomes(tap('TAP version 14', ...children.map((line) => `    ${line}`), point, '1..1'));
    expect(group('not ok 1 - g', 'ok 1 - a', '1..1')).toEqual({ 'g > a': 'passed', g: 'failed' });
    expect(group('ok 1 - g', 'ok 1 - a', '1..2')).toEqual({ 'g > a': 'passed', g: 'failed' });
    expect(group('not ok 1 - g # TODO', 'not ok 1 - a', '1..1')).toEqual({ 'g > a': 'skipped' });
  });

  test.each([
    ['a bail-out', ['1..2', 'ok 1', 'Bail out! no database'], /bailed out: no database/],
    ['one of a subtest', ['1..2', '    Bail out!', 'ok 1', 'ok 2'], /bailed out/],
    ['too few tests', ['1..3', 'ok 1'], /planned 3 tests and lists 1/],
    ['too many tests', ['ok 1', 'ok 2', '1..1'], /planned 1 tests and lists 2/],
    ['no plan', ['ok 1'], /no plan/],
    ['nothing after the version', [], /no plan/],
    ['two plans', ['1..1', 'ok 1', '1..1'], /two plans/],
  ])('%s breaks it', (_name, lines, reason) => {
    expect(tap('TAP version 14', ...lines)).toEqual({
      kind: 'broken',
      reason: expect.stringMatching(reason),
    });
  });

  test('documents may follow each other, each with its plan', () => {
    const one = ['TAP version 13', 'ok 1 - a', '1..1'];
    expect(outcomes(tap(...one, 'TAP version 13', 'not ok 1 - b', '1..1'))).toEqual({
      a: 'passed',
      b: 'failed',
    });
    expect(tap(...one, 'TAP version 13')).toMatchObject({ kind: 'broken' });
  });

  test('a diagnostic that never ends swallows no test', () => {
    const reading = tap(
      'TAP version 13',
      'not ok 1 - a',
      '  ---',
      '  error: |-',
      '    one',
      '    two',
      'ok 2 - b',
      '1..2',
    );
    expect(testsOf(reading)).toEqual([
      { name: 'a', outcome: 'failed', message: 'one\ntwo' },
      { name: 'b', outcome: 'passed' },
    ]);
  });

  test('output is known by its version only', () => {
    expect(formatOfOutput('\n> demo@1.0.0 test\n> node --test\n\nTAP version 13\n1..0\n')).toBe('tap');
    expect(formatOfOutput('yarn run v1.22.22\n$ node --test\nTAP version 14\n1..0\n')).toBe('tap');
    expect(formatOfOutput('compiling\nTAP version 13\n1..0\n')).toBeNull();
    expect(formatOfOutput('ok 1 - not really\n1..1\n')).toBeNull();
    expect(formatOfOutput('')).toBeNull();
  });
});

test('no name holds a NUL', () => {
  expect(outcomes(tap('TAP version 13', 'ok 1 - \0command', '1..1'))).toEqual({ command: 'passed' });
});

test('names that are cut off stay apart', () => {
  const long = 'x'.repeat(5_000);
  const names = Object.keys(outcomes(tap('TAP version 13', `ok 1 - ${long}a`, `ok 2 - ${long}b`, '1..2')));
  expect(names).toHaveLength(2);
  expect(Math.max(...names.map((name) => name.length))).toBeLessThan(1_100);
});

describe('whatever bytes', () => {
  const seeds = [
    sample('vitest.json'),
    sample('pytest.xml'),
    'TAP version 14\n1..2\nok 1 - a\n    not ok 1 - c # TODO\n    1..1\nnot ok 2 - b\n  ---\n  message: x\n  ...\n',
  ];
  const damaged = fc
    .tuple(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(3_000), fc.string({ unit: 'binary' })), { maxLength: 6 }),
      fc.nat(3_000),
    )
    .map(([seed, edits, end]) =>
      edits
        .reduce((text, [at, piece]) => text.slice(0, at) + piece + text.slice(at + piece.length), seed)
        .slice(0, end),
    );
  const lines = fc
    .array(
      fc.constantFrom(
        'ok',
        'not ok 1 - a',
        '    ok 1',
        '1..1',
        '    1..2',
        'Bail out!',
        '  ---',
        '  ...',
        '<testsuite>',
        '<failure>',
        '</testcase>',
        '<testcase name="&amp;">',
        '<![CDATA[',
        '{"numTotalTests":1,',
        '"testResults":[',
        ']}',
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join('\n'));
  const anything = fc.oneof(
    damaged,
    lines,
    fc.string({ unit: 'binary', maxLength: 500 }),
    fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
  );

  test('every reader answers, and never throws', () => {
    fc.assert(
      fc.property(anything, (text) => {
        for (const format of REPORT_FORMATS) {
          const reading = readReport(format, text, ROOTS);
          if (reading.kind === 'tests')
            for (const { name } of reading.tests) expect(name.length).toBeLessThan(1_100);
          else expect(reading.reason).not.toBe('');
        }
        formatOfOutput(text);
      }),
      { numRuns: 1_500 },
    );
  });

  test.each([
    ['spaces', ' '.repeat(2_000_000)],
    ['hashes', `ok 1 - ${'# '.repeat(1_000_000)}`],
    ['one point with many spaces', `ok${' '.repeat(2_000_000)}x`],
    ['open braces', '{\n'.repeat(1_000_000)],
    ['open tags', '<testsuite '.repeat(200_000)],
    ['points', `TAP version 13\n${'ok\n'.repeat(400_000)}`],
    ['colons', `TAP version 13\nnot ok 1\n  ---\n  at: ${':1'.repeat(30_000)}x\n  ...\n1..1`],
  ])('large input is read in linear time: %s', (_name, text) => {
    for (const format of REPORT_FORMATS) expect(readReport(format, text, ROOTS).kind).toMatch(/./);
    formatOfOutput(text);
  });
});
