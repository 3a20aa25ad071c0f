import fc from 'fast-check';
import { hunksOf } from '#domain/spec/strength.js';
import { createFacts } from '#facts/facts-adapter.js';
import { systemClock } from '#platform/runtime/system-clock.js';
import { GitTestKit, REPOSITORY } from '#testing/git-test-kit.js';
import type { GitPort } from '../ports/git.port.js';
import { grade } from './grade.js';
import { measureStrength, type MeasureOrder } from './measure.js';
import { REDUCED, sourceWithout } from './source-without.js';

const SPEC = `spec: 1
rules:
  - id: no-legacy
    scope: { include: ["src/**"] }
    forbid: { identifiers: [legacyAuth] }
  - id: token
    require: { identifiers: [verifyToken] }
`;
const filler = (from: number): string =>
  Array.from({ length: 12 }, (_, at) => `const v${from + at} = ${from + at};\n`).join('');
const BASE = {
  'src/a.ts': `legacyAuth();\n${filler(0)}legacyAuth();\n${filler(20)}plain();\n`,
  'src/old.ts': 'legacyAuth();\n',
  'README.md': '# Read me',
};
const DONE = {
  'src/a.ts': `\n${filler(0)}verifyToken();\n${filler(20)}other();\n`,
  'README.md': '# Read me\nAnd more.\n',
  'notes.txt': 'new\n',
};

let kit: GitTestKit;
let git: GitPort;
beforeEach(async () => {
  kit = await GitTestKit.create();
  git = kit.worker();
});
afterEach(() => kit.remove());

function order(base: string, to: string, over: Partial<MeasureOrder> = {}): MeasureOrder {
  return {
    repositoryId: REPOSITORY,
    specText: SPEC,
    planBase: base,
    from: base,
    to,
    budgetMs: 60_000,
    turn: () => Promise.resolve(),
    ...over,
  };
}

const deps = () => ({ git, facts: createFacts(), clock: systemClock });

test('tells which hunks the rules guard, and where they guard none', async () => {
  const base = await kit.imported(git, BASE);
  const done = await kit.candidate(git, base, { write: DONE, remove: ['src/old.ts'] });
  const strength = await measureStrength(deps(), order(base, done));
  expect(strength).toEqual({
    commit: done,
    hunks: 6,
    guarded: 3,
    undecided: 0,
    unmeasured: 0,
    checks: 0,
    unguarded: [
      { file: 'README.md', firstLine: 1, lastLine: 2 },
      { file: 'notes.txt', firstLine: 1, lastLine: 1 },
      { file: 'src/a.ts', firstLine: 27, lastLine: 27 },
    ],
  });
});

test('a guarded hunk that is taken out of the commit turns the task red, an unguarded one does not', async () => {
  const base = await kit.imported(git, BASE);
  const done = await kit.candidate(git, base, { write: DONE, remove: ['src/old.ts'] });
  const source = git.blobs(REPOSITORY);
  const diff = await git.diff({ repositoryId: REPOSITORY, from: base, to: done });
  const unguarded = (await measureStrength(deps(), order(base, done)))?.unguarded ?? [];
  for (const hunk of hunksOf(diff)) {
    const reduced = await sourceWithout({ source, from: base, to: done }, hunk);
    const files = (await reduced.tree(REDUCED)).list();
    const contents = await reduced.read(files.map(({ blob }) => blob));
    const write = Object.fromEntries(files.map(({ path }, at) => [path, contents[at] ?? '']));
    const before = (await source.tree(done)).list().map(({ path }) => path);
    const remove = before.filter((path) => !(path in write));
    const commit = await kit.candidate(git, done, { write, remove }, 'Without a hunk');
    const verdict = await grade(
      {
        ...deps(),
        workspaces: kit.workspaces(git),
        checks: { run: () => Promise.reject(new Error('none')), environment: () => Promise.resolve('') },
      },
      {
        repositoryId: REPOSITORY,
        specText: SPEC,
        planBase: base,
        attemptBase: base,
        candidate: commit,
        mayChange: [],
        setup: null,
        signal: new AbortController().signal,
      },
    );
    const isFree = unguarded.some(
      ({ file, firstLine }) => file === hunk.file && firstLine === hunk.firstLine,
    );
    expect([hunk.file, hunk.firstLine, verdict.outcome]).toEqual([
      hunk.file,
      hunk.firstLine,
      isFree ? 'pass' : 'fail',
    ]);
  }
});

test('all hunks of any change taken back, the last first, are the file before, by the id that git gives it', async () => {
  const lines = fc.array(
    fc.constantFrom('a\n', 'b\n', 'c\n', 'd\r\n', '\n', 'ü\n', '\\ x\n', '-- y\n', '@@ -1 +1 @@\n'),
    {
      maxLength: 6,
    },
  );
  const text = fc
    .tuple(lines, lines, lines, fc.constantFrom('', 'end'))
    .map(([one, two, three, end]) => [...one, filler(0), ...two, filler(20), ...three, end].join(''));
  const pairs = fc.sample(fc.tuple(text, text), { numRuns: 30, seed: 7 });
  const named = (at: 0 | 1) => Object.fromEntries(pairs.map((pair, index) => [`f${index}.txt`, pair[at]]));
  const base = await kit.imported(git, named(0));
  const to = await kit.candidate(git, base, { write: named(1) });
  const source = git.blobs(REPOSITORY);
  const hunks = hunksOf(await git.diff({ repositoryId: REPOSITORY, from: base, to }));
  const blobs = new Map((await source.tree(base)).list().map(({ path, blob }) => [path, blob]));
  let multiple = 0;
  for (const path of Object.keys(named(0))) {
    let current = source;
    const own = hunks.filter(({ file }) => file === path).reverse();
    if (own.length > 1) multiple += 1;
    for (const hunk of own) {
      const inner = current;
      const first = hunk === own[0];
      // Each step begins on what the one before left.
      const at = {
        read: inner.read.bind(inner),
        tree: (id: string) => inner.tree(id === to && !first ? REDUCED : id),
      };
      current = await sourceWithout({ source: at, from: base, to }, hunk);
    }
    const last = (await current.tree(own.length === 0 ? to : REDUCED)).at(path);
    expect(last?.blob).toBe(blobs.get(path));
  }
  expect(multiple).toBeGreaterThan(3);
});

test('what does not fit into the time is counted, and a verdict that is waited for costs none of it', async () => {
  const base = await kit.imported(git, BASE);
  const done = await kit.candidate(git, base, { write: DONE, remove: ['src/old.ts'] });
  let now = 0;
  const clock = { monotonic: () => now };
  const facts = createFacts();
  const slow = {
    ...deps(),
    clock,
    facts: { collect: (asked: Parameters<typeof facts.collect>[0]) => ((now += 10), facts.collect(asked)) },
  };
  const turn = () => ((now += 1_000), Promise.resolve());
  const strength = await measureStrength(slow, order(base, done, { budgetMs: 45, turn }));
  expect(strength).toMatchObject({ hunks: 6, unmeasured: 3 });
});

test('without rules, or without a change, there is nothing to measure', async () => {
  const base = await kit.imported(git, BASE);
  const done = await kit.candidate(git, base, { write: DONE });
  const checks = `spec: 1\nchecks:\n  - { id: unit, run: "true" }\n`;
  expect(await measureStrength(deps(), order(base, done, { specText: checks }))).toBeNull();
  expect(await measureStrength(deps(), order(base, base))).toBeNull();
});
