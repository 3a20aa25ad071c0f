import { join } from 'node:path';
import { createChecks } from '#checks/checks-adapter.js';
import { createFacts } from '#facts/facts-adapter.js';
import { testSandbox } from '#testing/sandbox.js';
import { GitTestKit, REPOSITORY } from '#testing/git-test-kit.js';
import type { GitPort } from '../ports/git.port.js';
import { grade, type GradeDeps, type GradeOrder } from './grade.js';

const SPEC = `spec: 1
rules:
  - id: no-legacy
    scope: { include: ["src/**"] }
    forbid: { identifiers: [legacyAuth] }
  - id: token
    require: { identifiers: [verifyToken] }
`;
const onlyUsers = SPEC.replace('src/**', 'src/users.ts');
const BASE = {
  'package.json': '{ "scripts": { "test": "sh verify.sh" }, "version": "1.0.0" }',
  'verify.sh': 'test ! -e broken\n',
  'src/users.ts': 'import { legacyAuth } from "./auth";\nlegacyAuth();\n',
  'src/users.test.ts': 'test("x", () => {});\n',
};
const DONE = { 'src/users.ts': 'import { verifyToken } from "./auth";\nverifyToken();\n' };

let kit: GitTestKit;
let git: GitPort;
let base: string;
/** Commits on which a check was run, in order. */
let runs: string[];
let deps: GradeDeps;

beforeEach(async () => {
  kit = await GitTestKit.create();
  git = kit.worker();
  base = await kit.imported(git, BASE);
  runs = [];
  deps = {
    git,
    workspaces: kit.workspaces({
      blobs: (id) => git.blobs(id),
      openWorkspace: (input) => {
        runs.push(`${input.pool}:${input.commit}`);
        return git.openWorkspace(input);
      },
    }),
    facts: createFacts(),
    checks: createChecks({ sandbox: await testSandbox({ mode: 'off' }) }),
  };
});
afterEach(() => kit.remove());

function judge(candidate: string, specText: string | null, rest: Partial<GradeOrder> = {}) {
  const signal = new AbortController().signal;
  const bases = { planBase: base, attemptBase: base };
  return grade(deps, {
    repositoryId: REPOSITORY,
    specText,
    ...bases,
    candidate,
    mayChange: [],
    setup: null,
    signal,
    ...rest,
  });
}

const checked = (run: string, more = '') =>
  `spec: 1\nchecks:\n  - { id: unit, run: ${JSON.stringify(run)}${more} }\n`;
const verifier = (commit: string) => `verifier:${commit}`;

describe('rules', () => {
  test.each(['pattern: "((("', 'rule: { kind: nope }'])(
    'a term of ast-grep that can never match, %s, is inconclusive and says what to mend',
    async (term) => {
      const broken = `  - { id: eval, SIDE: { ast: { language: TypeScript, ${term} } } }\n`;
      const candidate = await kit.candidate(git, base, { write: DONE });
      for (const side of ['forbid', 'require', 'require: { identifiers: [verifyToken] }, when'])
        expect(await judge(candidate, SPEC + broken.replace('SIDE', side))).toMatchObject({
          outcome: 'inconclusive',
          summary: expect.stringMatching(/decided: eval \(the ast (pattern|rule) .*: write a pattern that/),
          violations: [],
        });
      const undone = await judge(base, SPEC + broken.replace('SIDE', 'forbid'));
      expect(undone).toMatchObject({ outcome: 'fail', summary: 'Red on the candidate: no-legacy, token.' });
    },
  );

  test('red on the base, green on the candidate: pass', async () => {
    const verdict = await judge(await kit.candidate(git, base, { write: DONE }), SPEC);
    expect(verdict).toMatchObject({
      outcome: 'pass',
      violations: [],
      items: [{ turned: true }, { turned: true }],
    });
  });

  test('half of the work fails with file and line', async () => {
    const half = { 'src/users.ts': 'verifyToken();\n\nlegacyAuth();\n' };
    const verdict = await judge(await kit.candidate(git, base, { write: half }), SPEC);
    expect(verdict).toMatchObject({
      outcome: 'fail',
      violations: [{ rule: 'no-legacy', file: 'src/users.ts', line: 3, term: 'legacyAuth' }],
    });
  });

  test('moving the code out of the scope fails, by rename as well as by copy and delete', async () => {
    const add = { 'src/token.ts': 'verifyToken();\n' };
    const moved = { ...add, 'old/users.ts': BASE['src/users.ts'] };
    const remove = ['src/users.ts'];
    for (const write of [
      moved,
      { ...moved, 'old/users.ts': `${BASE['src/users.ts']}// rewritten\n`.repeat(9) },
    ]) {
      const verdict = await judge(await kit.candidate(git, base, { write, remove }), onlyUsers);
      expect(verdict).toMatchObject({ outcome: 'fail' });
      expect(verdict.violations[0]).toMatchObject({ rule: 'no-legacy', file: 'old/users.ts', line: 1 });
    }
    const deleted = await kit.candidate(git, base, { write: add, remove });
    expect(await judge(deleted, onlyUsers)).toMatchObject({ outcome: 'pass' });
  });

  test('an unchanged candidate fails, is satisfied by an earlier commit, or proves nothing', async () => {
    expect(await judge(base, SPEC)).toMatchObject({ outcome: 'fail' });
    const done = await kit.candidate(git, base, { write: DONE });
    expect(await judge(done, SPEC, { attemptBase: done })).toMatchObject({ outcome: 'satisfied' });
    expect(await judge(done, SPEC, { attemptBase: done, planBase: done })).toMatchObject({
      outcome: 'inconclusive',
    });
  });
});

describe('without a readable spec', () => {
  test('no spec is the word of the executor', async () => {
    expect(await judge(base, null)).toEqual({
      outcome: 'pass',
      summary: "no spec: the executor's word",
      violations: [],
      blocking: 0,
      items: [],
    });
  });

  test('a broken spec is inconclusive and says where', async () => {
    const verdict = await judge(base, 'spec: 1\nrulez: []\n');
    expect(verdict).toMatchObject({
      outcome: 'inconclusive',
      summary: expect.stringMatching(/line 2, column 1.*rules/),
    });
  });
});

describe('protected paths', () => {
  const weak = '{ "scripts": { "test": "true" }, "version": "1.0.0" }';

  test.each([
    ['package.json', { 'package.json': weak }],
    ['verify.sh', { 'verify.sh': 'true\n' }],
    ['src/users.test.ts', { 'src/users.test.ts': '// gone\n' }],
    ['.github/workflows/ci.yml', { '.github/workflows/ci.yml': 'on: push\n' }],
  ])('%s fails a candidate that is green otherwise, unless the task may change it', async (path, write) => {
    const spec = `${SPEC}checks:\n  - { id: unit, run: npm test --silent }\n`;
    const candidate = await kit.candidate(git, base, { write: { ...DONE, ...write } });
    expect(await judge(candidate, spec)).toMatchObject({
      outcome: 'fail',
      violations: [{ rule: 'protected-path', file: path }],
    });
    expect(await judge(candidate, spec, { mayChange: [path] })).toMatchObject({ outcome: 'pass' });
  });

  test('other keys of package.json are free', async () => {
    const version = BASE['package.json'].replace('1.0.0', '2.0.0');
    const candidate = await kit.candidate(git, base, { write: { ...DONE, 'package.json': version } });
    expect(await judge(candidate, SPEC)).toMatchObject({ outcome: 'pass' });
  });
});

describe('built-in rules', () => {
  const conflict = '<<<<<<< ours\n=======\n>>>>>>> theirs\n';

  test.each([
    ['conflict-marker', 'notes.txt', conflict],
    ['conflict-marker', 'notes.bin', `${conflict}\0`],
    ['huge-file', 'dump.bin', Buffer.alloc(10 * 1024 * 1024 + 1)],
  ])('%s: %s fails a candidate with a spec and without', async (rule, file, content) => {
    const candidate = await kit.candidate(git, base, { write: { ...DONE, [file]: content } });
    const failed = { outcome: 'fail', violations: [{ rule, file }] };
    expect(await judge(candidate, SPEC)).toMatchObject(failed);
    expect(await judge(candidate, null)).toMatchObject(failed);
    expect(await judge(candidate, SPEC, { mayChange: [file] })).toMatchObject({ outcome: 'pass' });
  });
});

describe('checks', () => {
  test('run on a clean checkout of the candidate; where a rule turned, no base is run', async () => {
    const candidate = await kit.candidate(git, base, { write: { ...DONE, 'new.txt': 'x' } });
    const spec = `${SPEC}checks:\n  - { id: one, run: test -f new.txt && touch left }\n  - { id: two, run: test ! -e left }\n`;
    expect(await judge(candidate, spec)).toMatchObject({ outcome: 'pass' });
    expect(runs).toEqual([verifier(candidate), verifier(candidate)]);
  });

  describe('with a set-up', () => {
    const setup = (command: string) => ({
      commands: [command],
      inputs: ['package.json'],
      caches: ['deps'],
      env: { GREETING: 'hello ${PLANWRIGHT_SLOT}' },
      network: true,
      timeout: 60,
    });
    const spec = `${SPEC}checks:\n  - { id: unit, run: 'test -f deps/made && test "$GREETING" = "hello 0"' }\n`;

    test('checks find its folders and variables, made from the base', async () => {
      const write = { ...DONE, planted: '' };
      const candidate = await kit.candidate(git, base, { write });
      const command = 'mkdir deps && test ! -e planted && touch deps/made';
      expect(await judge(candidate, spec, { setup: setup(command) })).toMatchObject({ outcome: 'pass' });
      expect(runs).toEqual([verifier(candidate), `setup:${base}`]);
    });

    test('one that the candidate broke is red with what it printed', async () => {
      const version = BASE['package.json'].replace('1.0.0', '2.0.0');
      const candidate = await kit.candidate(git, base, { write: { ...DONE, 'package.json': version } });
      const command =
        'mkdir deps && touch deps/made && if grep 2.0.0 package.json; then echo bad lock; exit 7; fi';
      const verdict = await judge(candidate, spec, { setup: setup(command) });
      expect(verdict).toMatchObject({ outcome: 'fail', violations: [{ rule: 'unit' }] });
      expect(JSON.stringify(verdict.violations)).toContain('bad lock');
    });

    test('one that fails on the base as well judges nobody', async () => {
      const candidate = await kit.candidate(git, base, { write: DONE });
      await expect(judge(candidate, spec, { setup: setup('echo no network; exit 1') })).rejects.toThrow(
        /no network/,
      );
    });
  });

  test('a check alone turns by a red base, which is run twice', async () => {
    const candidate = await kit.candidate(git, base, { write: { 'new.txt': 'x' } });
    expect(await judge(candidate, checked('test -f new.txt'))).toMatchObject({
      outcome: 'pass',
      items: [{ turned: true }],
    });
    expect(runs).toEqual([candidate, base, base].map(verifier));
  });

  test('a check that was green before proves nothing', async () => {
    const candidate = await kit.candidate(git, base, { write: { 'new.txt': 'x' } });
    expect(await judge(candidate, checked('true'))).toMatchObject({ outcome: 'inconclusive' });
    expect(runs).toEqual([candidate, base].map(verifier));
  });

  test('the plan base is asked where the attempt base is green', async () => {
    const tip = await kit.candidate(git, base, { write: { 'new.txt': 'x' } });
    const candidate = await kit.candidate(git, tip, { write: { 'other.txt': 'x' } });
    expect(await judge(candidate, checked('test -f new.txt'), { attemptBase: tip })).toMatchObject({
      outcome: 'pass',
    });
    expect(runs).toEqual([candidate, tip, base, base].map(verifier));
  });

  test('a new failure fails, after a second run', async () => {
    const candidate = await kit.candidate(git, base, { write: { ...DONE, broken: 'x' } });
    const verdict = await judge(candidate, `${SPEC}${checked('sh verify.sh').replace('spec: 1\n', '')}`);
    expect(verdict).toMatchObject({ outcome: 'fail', violations: [{ rule: 'unit', severity: 'critical' }] });
    expect(runs).toEqual([candidate, base, candidate].map(verifier));
  });

  test('a failure that is gone the second time is flaky: it blocks nothing and turns nothing', async () => {
    const marker = join(kit.folder.path, 'ran-once');
    const flaky = `test ! -f new.txt || { test -e ${marker} || { touch ${marker}; false; }; }`;
    const candidate = await kit.candidate(git, base, { write: { ...DONE, 'new.txt': 'x' } });
    expect(await judge(candidate, `${SPEC}${checked(flaky).replace('spec: 1\n', '')}`)).toMatchObject({
      outcome: 'pass',
      items: [{}, {}, { candidate: 'green', turned: false, note: expect.stringMatching(/flaky/) }],
    });
  });

  test('red before and after is open by exit code, and red where it has to be absolute', async () => {
    const candidate = await kit.candidate(git, base, { write: { 'new.txt': 'x' } });
    expect(await judge(candidate, checked('false'))).toMatchObject({ outcome: 'inconclusive' });
    runs = [];
    expect(await judge(candidate, checked('false', ', compare: absolute'))).toMatchObject({
      outcome: 'fail',
    });
    expect(runs).toEqual([verifier(candidate)]);
  });

  test('a check that cannot start is inconclusive and needs no base', async () => {
    const candidate = await kit.candidate(git, base, { write: { 'new.txt': 'x' } });
    const verdict = await judge(candidate, checked('no-such-tool --all'));
    expect(verdict).toMatchObject({ outcome: 'inconclusive', summary: expect.stringMatching(/not found/) });
    expect(runs).toEqual([verifier(candidate)]);
  });

  test('an abort ends the run with its reason and leaves the pool usable', async () => {
    const candidate = await kit.candidate(git, base, { write: { 'new.txt': 'x' } });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('fenced')), 700);
    await expect(judge(candidate, checked('sleep 60'), { signal: controller.signal })).rejects.toThrow(
      'fenced',
    );
    expect(await judge(candidate, checked('test -f new.txt'))).toMatchObject({ outcome: 'pass' });
  });
});
