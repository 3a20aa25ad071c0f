import { join } from 'node:path';
import { createChecks } from '#checks/checks-adapter.js';
import type { Verdict } from '#domain/spec/verdict.js';
import { createFacts } from '#facts/facts-adapter.js';
import { PostgresLedger } from '#store/ledger.js';
import { StoreHarness } from '#testing/engine-harness.js';
import { createOrigin, writeFiles } from '#testing/git-repositories.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { testSandbox } from '#testing/sandbox.js';
import type { GitPort } from '../ports/git.port.js';
import type { LedgerPort } from '../ports/ledger.port.js';
import { grade, type GradeDeps } from './grade.js';

/** Real suites in real checkouts, with the ledger in a real database. */

const suite = (name: string, ...tests: string[]) =>
  ["import { test } from 'node:test';", "import { existsSync } from 'node:fs';", ...tests].join('\n') +
  `\n// ${name}\n`;
const passes = (name: string) => `test('${name}', () => {});`;
const fails = (name: string) => `test('${name}', () => { throw new Error('${name} broke'); });`;
const fixedBy = (name: string, file: string) =>
  `test('${name}', () => { if (!existsSync('${file}')) throw new Error('no ${file}'); });`;
const brokenBy = (name: string, file: string) =>
  `test('${name}', () => { if (existsSync('${file}')) throw new Error('${file} is there'); });`;

const SPEC = `spec: 1
checks:
  - { id: unit, run: node --test --test-reporter=tap }
`;
const BASE = {
  'suite.test.mjs': suite(
    'base',
    passes('steady'),
    fails('old'),
    fixedBy('wanted', 'done'),
    brokenBy('kept', 'broken'),
  ),
};

let kit: GitTestKit;
let stores: StoreHarness;
let git: GitPort;
let base: string;
/** Commits that checks ran on. */
let runs: string[];

beforeEach(async () => {
  kit = await GitTestKit.create();
  stores = await StoreHarness.open();
  git = kit.worker();
  base = await imported(BASE);
  runs = [];
});
afterEach(async () => {
  await stores.close();
  await kit.remove();
});

async function imported(files: Readonly<Record<string, string>>): Promise<string> {
  const origin = await createOrigin(await kit.folder.next('origin'), files);
  const { repositoryId } = stores;
  return (await git.importBase({ repositoryId, origin, base: null })).commit;
}

/** A commit on another that writes these files. */
async function change(
  on: string,
  write: Readonly<Record<string, string>>,
  subject = 'Change',
): Promise<string> {
  const workspace = await git.openWorkspace({
    repositoryId: stores.repositoryId,
    commit: on,
    pool: 'executor',
  });
  try {
    await writeFiles(workspace.path, write);
    const author = { name: 'A', email: 'a@example.com' };
    const { commit } = await workspace.commit({ subject, body: '', author, timestamp: 1_700_000_000 });
    return commit;
  } finally {
    await workspace.release();
  }
}

interface Where {
  readonly ledger?: LedgerPort | undefined;
  readonly attemptBase?: string;
  readonly planBase?: string;
  readonly spec?: string;
}

async function judge(candidate: string, where: Where = {}): Promise<Verdict> {
  const { ledger, attemptBase = base, planBase = attemptBase, spec = SPEC } = where;
  const deps: GradeDeps = {
    git,
    workspaces: kit.workspaces({
      blobs: (id) => git.blobs(id),
      openWorkspace: (input) => {
        runs.push(input.commit);
        return git.openWorkspace(input);
      },
    }),
    facts: createFacts(),
    checks: createChecks({ sandbox: await testSandbox({ mode: 'off' }) }),
    ...(ledger && { ledger }),
  };
  return grade(deps, {
    repositoryId: stores.repositoryId,
    specText: spec,
    planBase,
    attemptBase,
    candidate,
    mayChange: ['**'],
    setup: null,
    signal: new AbortController().signal,
  });
}

const postgres = () => new PostgresLedger(stores.sql);
const ranOn = (commit: string) => runs.filter((each) => each === commit).length;
const counts = { new: 0, fixed: 0, preExisting: 0, flaky: 0, gone: 0 };

test('an old failure does not block, what was fixed turns, and the verdict says how many', async () => {
  expect(await judge(await change(base, { done: '' }))).toMatchObject({
    outcome: 'pass',
    violations: [],
    items: [{ candidate: 'green', turned: true, tests: { ...counts, fixed: 1, preExisting: 1 } }],
  });
});

test('a new failure blocks with test and message, though everything was red before', async () => {
  const verdict = await judge(await change(base, { done: '', broken: '' }));
  expect(verdict).toMatchObject({
    outcome: 'fail',
    items: [{ candidate: 'red', turned: false, tests: { new: 1, preExisting: 1 } }],
  });
  expect(verdict.violations).toEqual([
    {
      rule: 'unit',
      severity: 'critical',
      file: 'suite.test.mjs',
      line: expect.any(Number),
      message: 'test `kept` fails, twice\nbroken is there',
    },
  ]);
});

test('a test that was taken away or renamed is a new failure', async () => {
  const rest = suite(
    'less',
    passes('renamed'),
    fails('old'),
    fixedBy('wanted', 'done'),
    brokenBy('kept', 'broken'),
  );
  const verdict = await judge(await change(base, { done: '', 'suite.test.mjs': rest }));
  expect(verdict).toMatchObject({
    outcome: 'fail',
    items: [{ tests: { ...counts, gone: 1, fixed: 1, preExisting: 1 } }],
  });
  expect(verdict.violations[0]?.message).toMatch(/`steady` is gone.*renamed/);
});

test('a good exit whose report says failed is red', async () => {
  const spec = SPEC.replace('=tap', '=tap; true').replace(' }', ', compare: absolute }');
  expect(await judge(await change(base, { broken: '' }), { spec })).toMatchObject({
    outcome: 'fail',
    items: [{ note: expect.stringMatching(/exit code is 0, but its report says/) }],
  });
});

test('attempts on one base share its baseline, and their verdicts are those without a ledger', async () => {
  const changes = [
    { done: '' },
    { done: '', broken: '' },
    { other: '' },
    { done: '', 'suite.test.mjs': suite('empty', passes('steady')) },
    { done: 'again' },
  ];
  const candidates: string[] = [];
  for (const write of changes) candidates.push(await change(base, write));
  const without: Verdict[] = [];
  for (const candidate of candidates) without.push(await judge(candidate));
  expect(ranOn(base)).toBeGreaterThan(candidates.length);

  runs = [];
  for (const [index, candidate] of candidates.entries())
    expect(await judge(candidate, { ledger: postgres() })).toEqual(without[index]);
  expect(ranOn(base)).toBe(2);
});

test('a base that was a candidate, or has the tree of one, needs no run', async () => {
  const candidate = await change(base, { done: '' });
  await judge(candidate, { ledger: postgres() });
  const twin = await change(base, { done: '' }, 'The same once more');
  expect(twin).not.toBe(candidate);
  const more = `${BASE['suite.test.mjs']}\n${passes('more')}`;
  for (const tip of [candidate, twin]) {
    const next = await change(tip, { 'suite.test.mjs': more, [tip]: '' });
    runs = [];
    expect(await judge(next, { ledger: postgres(), attemptBase: tip, planBase: base })).toMatchObject({
      outcome: 'pass',
      items: [{ attemptBase: 'red', planBase: 'red', turned: true }],
    });
    expect(runs).toEqual([next]);
  }
});

test('a test that was seen red and green on the base neither blocks nor turns', async () => {
  const [seen, bad] = ['seen', 'bad'].map((name) => JSON.stringify(join(kit.folder.path, name)));
  const shaky = `import { writeFileSync } from 'node:fs';
test('shaky', () => {
  if (existsSync('changed') ? !existsSync(${bad}) : existsSync(${seen})) return;
  writeFileSync(${seen}, '');
  throw new Error('not today');
});`;
  const attemptBase = await imported({ 'suite.test.mjs': suite('shaky', passes('steady'), shaky) });
  const ledger = postgres();
  // On the base it fails, and passes when that red base is run again.
  expect(await judge(await change(attemptBase, { changed: '' }), { ledger, attemptBase })).toMatchObject({
    outcome: 'inconclusive',
    items: [{ candidate: 'green', turned: false, tests: { flaky: 1, fixed: 0 } }],
  });

  await writeFiles(kit.folder.path, { bad: '' });
  const later = await change(attemptBase, { changed: '', more: '' });
  runs = [];
  expect(await judge(later, { ledger, attemptBase })).toMatchObject({
    outcome: 'inconclusive',
    violations: [],
    items: [{ candidate: 'green', note: expect.stringMatching(/1 test flaky/), tests: { flaky: 1, new: 0 } }],
  });
  expect(runs).toEqual([later]);
  expect(await judge(later, { attemptBase })).toMatchObject({ outcome: 'fail' });
});

test('runs that did not come to their end are never reused', async () => {
  const spec = (run: string) => `spec: 1\nchecks:\n  - { id: unit, run: '${run}', timeout: 2s }\n`;
  const candidate = await change(base, { done: '' });
  await judge(candidate, { ledger: postgres(), spec: spec('test -e done || sleep 30') });
  await judge(candidate, { ledger: postgres(), spec: spec('test -e done || no-such-tool') });
  const rows = await stores.db.checkResult.findMany();
  expect(rows.map(({ outcome }) => outcome)).toEqual(['passed', 'passed']);
});
