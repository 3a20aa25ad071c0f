import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReportPlace, ReportReading } from '#domain/spec/check-report.js';
import type { CheckRun } from '#engine/ports/checks.port.js';
import { testSandbox } from '#testing/sandbox.js';
import { createChecks } from './checks-adapter.js';

/** Reports of real runners, and what a candidate may put in their place. */

const SUITE = `
import { describe, it, test } from 'node:test';
import assert from 'node:assert';
describe('cart', () => {
  it('adds', () => assert.equal(1 + 1, 2));
  it('refuses # everything', () => assert.equal(1, 2));
  it.skip('later', () => {});
  it.todo('someday');
});
test('top', () => console.log('ok 1 - not a point of the report'));
`;
const OUTCOMES = {
  'cart > adds': 'passed',
  'cart > refuses # everything': 'failed',
  'cart > later': 'skipped',
  'cart > someday': 'skipped',
  top: 'passed',
};
const JEST = join(process.cwd(), 'node_modules/jest/bin/jest.js');

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'checkout-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

async function run(command: string, report?: ReportPlace): Promise<CheckRun> {
  const sandbox = await testSandbox({ mode: 'off' });
  return createChecks({ sandbox }).run({
    check: { id: 'c', run: command, timeoutMs: 30_000, compare: 'baseline', ...(report && { report }) },
    cwd,
    signal: new AbortController().signal,
  });
}

async function reading(command: string, report?: ReportPlace): Promise<ReportReading | undefined> {
  const done = await run(command, report);
  return done.kind === 'finished' ? done.report : undefined;
}

function outcomes(found: ReportReading | undefined): unknown {
  if (found?.kind !== 'tests') return found;
  return Object.fromEntries(found.tests.map(({ name, outcome }) => [name, outcome]));
}

describe('a real runner', () => {
  beforeEach(() => writeFileSync(join(cwd, 'cart.test.mjs'), SUITE));

  test.each<[string, string, ReportPlace | undefined]>([
    ['TAP on standard output, by its looks', 'node --test --test-reporter=tap', undefined],
    ['TAP on standard output, named', 'node --test --test-reporter=tap', { format: 'tap' }],
    [
      'TAP in a file',
      'node --test --test-reporter=tap --test-reporter-destination=out.tap',
      { format: 'tap', path: 'out.tap' },
    ],
    ['JUnit on standard output', 'node --test --test-reporter=junit', { format: 'junit' }],
    [
      'JUnit in a folder that the run makes',
      'mkdir reports && node --test --test-reporter=junit --test-reporter-destination=reports/junit.xml',
      { format: 'junit', path: 'reports/junit.xml' },
    ],
  ])('Node: %s', async (_name, command, report) => {
    const done = await run(command, report);
    expect(done).toMatchObject({ kind: 'finished', exitCode: 1 });
    expect(outcomes(done.kind === 'finished' ? done.report : undefined)).toEqual(OUTCOMES);
  });

  test('Jest: JSON on standard output, by its looks', async () => {
    rmSync(join(cwd, 'cart.test.mjs'));
    writeFileSync(join(cwd, 'jest.config.json'), '{ "transform": {} }');
    writeFileSync(
      join(cwd, 'a.test.js'),
      "describe('cart', () => { test('adds', () => {}); test('refuses', () => expect(1).toBe(2)); test.todo('later'); });",
    );
    writeFileSync(join(cwd, 'b.test.js'), "throw new Error('cannot load');");
    const found = await reading(`node ${JEST} --json --watchman=false`);
    expect(outcomes(found)).toEqual({
      'a.test.js > cart > adds': 'passed',
      'a.test.js > cart > refuses': 'failed',
      'a.test.js > cart > later': 'skipped',
      'b.test.js > (the whole file)': 'failed',
    });
  });

  test('a report is found the same from inside of the sandbox', async () => {
    const inside = await createChecks({ sandbox: await testSandbox() }).run({
      check: {
        id: 'c',
        run: 'node --test --test-reporter=junit --test-reporter-destination=out.xml',
        timeoutMs: 30_000,
        compare: 'baseline',
        report: { format: 'junit', path: 'out.xml' },
      },
      cwd,
      signal: new AbortController().signal,
    });
    expect(outcomes(inside.kind === 'finished' ? inside.report : undefined)).toEqual(OUTCOMES);
  });

  test('names and places do not tell where the checkout is', async () => {
    writeFileSync(join(cwd, 'broken.test.mjs'), 'throw new Error("cannot load");');
    const found = await reading('node --test --test-reporter=tap');
    expect(found).toMatchObject({
      tests: expect.arrayContaining([
        expect.objectContaining({ name: 'broken.test.mjs', outcome: 'failed' }),
      ]),
    });
    expect(JSON.stringify(found)).not.toContain(cwd);
  });
});

describe('instead of a report', () => {
  const junit = { format: 'junit', path: 'reports/junit.xml' } as const;
  const GREEN = '<testsuite name="a"><testcase name="b"/></testsuite>';
  const unreadable = (reason: RegExp) => ({ kind: 'unreadable', reason: expect.stringMatching(reason) });

  beforeEach(() => mkdirSync(join(cwd, 'reports')));

  test('nothing at all', async () => {
    expect(await reading('true', junit)).toEqual(
      unreadable(/junit report in reports\/junit.xml: .*left none/),
    );
    expect(await reading('true', { format: 'tap' })).toEqual(unreadable(/on standard output: .*no TAP/));
    expect(await reading('echo hello')).toBeUndefined();
  });

  test('one that was there before is stale, unless the run writes it anew', async () => {
    writeFileSync(join(cwd, junit.path), GREEN);
    expect(await reading('true', junit)).toEqual(unreadable(/before the run/));
    expect(await reading(`printf '${GREEN}' > reports/junit.xml`, junit)).toMatchObject({ kind: 'tests' });
  });

  test('links that lead out of the checkout, by the file and by a folder', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'outside-'));
    try {
      writeFileSync(join(outside, 'junit.xml'), GREEN);
      const target = join(outside, 'junit.xml');
      expect(await reading(`ln -s ${target} reports/junit.xml`, junit)).toEqual(unreadable(/leads out/));
      rmSync(join(cwd, 'reports'), { recursive: true });
      symlinkSync(outside, join(cwd, 'reports'));
      expect(await reading(`printf '${GREEN}' > reports/junit.xml`, junit)).toEqual(unreadable(/leads out/));
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  test('a link that stays inside is followed', async () => {
    const command = `printf '${GREEN}' > real.xml && ln -s ../real.xml reports/junit.xml`;
    expect(await reading(command, junit)).toMatchObject({ kind: 'tests' });
  });

  test('a folder, a pipe, a file that is too large', async () => {
    expect(await reading('mkdir reports/junit.xml', junit)).toEqual(unreadable(/no file/));
    rmSync(join(cwd, junit.path), { recursive: true });
    expect(await reading('mkfifo reports/junit.xml', junit)).toEqual(unreadable(/no file/));
    rmSync(join(cwd, junit.path));
    execFileSync('touch', [join(cwd, 'big')]);
    truncateSync(join(cwd, 'big'), 33 * 1024 * 1024);
    expect(await reading('mv big reports/junit.xml', junit)).toEqual(unreadable(/larger than 32 MiB/));
  });

  test('a bail-out breaks it', async () => {
    const command = 'printf "TAP version 13\\n1..2\\nok 1\\nBail out! no database\\n"';
    expect(await reading(command)).toMatchObject({
      kind: 'broken',
      reason: expect.stringMatching(/no database/),
    });
  });
});

test('the environment is the same from call to call, and another with other tools or variables', async () => {
  const tools = mkdtempSync(join(tmpdir(), 'tools-'));
  try {
    const sandbox = await testSandbox({ mode: 'off' });
    const checks = createChecks({ sandbox, path: `${tools}:/usr/bin` });
    const first = await checks.environment();
    expect(await createChecks({ sandbox, path: `${tools}:/usr/bin` }).environment()).toBe(first);
    const other = createChecks({ sandbox, path: `${tools}:/usr/bin`, environment: { CI: '1' } });
    expect(await other.environment()).not.toBe(first);
    writeFileSync(join(tools, 'python3'), '');
    expect(await checks.environment()).not.toBe(first);
  } finally {
    rmSync(tools, { recursive: true });
  }
});
