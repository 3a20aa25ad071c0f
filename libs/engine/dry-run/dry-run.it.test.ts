import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createChecks } from '#checks/checks-adapter.js';
import { resolvePlanFile } from '#contracts/plan/resolve-plan.js';
import { DEFAULT_PRICES } from '#domain/cost/default-prices.js';
import { createFacts } from '#facts/facts-adapter.js';
import { GitTestKit, REPOSITORY } from '#testing/git-test-kit.js';
import { testSandbox } from '#testing/sandbox.js';
import type { GitPort } from '../ports/git.port.js';
import { dryRun, type DryRunReport } from './dry-run.js';

const FILES = {
  'lib/users.rb': 'User.find(1)\n',
  'src/users.ts': 'import { legacyAuth } from "./auth";\nlegacyAuth();\n',
  'verify.sh': 'test ! -e broken\n',
};

const PRICING = { prices: DEFAULT_PRICES, model: 'claude-opus-5-5' };

let kit: GitTestKit;
let git: GitPort;
let base: string;

beforeAll(async () => {
  kit = await GitTestKit.create();
  git = kit.worker();
  base = await kit.imported(git, FILES);
});
afterAll(() => kit.remove());

async function look(plan: string, signal = new AbortController().signal): Promise<DryRunReport> {
  const resolved = resolvePlanFile(plan, null);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  const checks = createChecks({ sandbox: await testSandbox({ mode: 'off' }) });
  return dryRun(
    { git, workspaces: kit.workspaces(git), facts: createFacts(), checks },
    { ...resolved, repositoryId: REPOSITORY, base, setup: null, pricing: PRICING, signal },
  );
}

/** A plan with one task, whose executor would leave a trace. */
async function specOf(lines: string) {
  const spec = lines.replace(/^/gm, '          ');
  const trace = join(kit.folder.path, 'trace');
  const report = await look(
    `name: Demo\nphases:\n  - name: One\n    mode: manual\n    tasks:\n      - title: T\n        executor: { command: 'touch ${trace}' }\n        spec:\n${spec}\n`,
  );
  expect(await readdir(kit.folder.path)).not.toContain('trace');
  return report.phases[0]?.tasks[0]?.spec;
}

describe('a spec on the base', () => {
  it('is red where a rule is', async () => {
    const spec = await specOf(
      'spec: 1\nrules:\n  - { id: legacy, scope: { include: ["src/**"] }, forbid: { identifiers: [legacyAuth] } }',
    );
    expect(spec).toEqual({ colour: 'red', items: [{ id: 'legacy', kind: 'rule', colour: 'red' }] });
  });

  it('is red where a check is, also one that is compared with its baseline', async () => {
    const spec = await specOf('spec: 1\nchecks:\n  - { id: unit, run: test -e src/new.ts }');
    expect(spec).toEqual({ colour: 'red', items: [{ id: 'unit', kind: 'check', colour: 'red' }] });
  });

  it('is green where it would prove nothing', async () => {
    const spec = await specOf(
      'spec: 1\nrules:\n  - { id: users, require: { files: [src/users.ts] } }\nchecks:\n  - { id: unit, run: sh verify.sh }',
    );
    expect(spec?.colour).toBe('green');
    expect(spec?.items.map((item) => item.colour)).toEqual(['green', 'green']);
  });

  it('is a guard that may be green', async () => {
    expect((await specOf('spec: 1\nguard: true\nchecks:\n  - { id: unit, run: sh verify.sh }'))?.colour).toBe(
      'guard',
    );
  });

  it('is undecided, with the reason, where a check does not start', async () => {
    const spec = await specOf('spec: 1\nchecks:\n  - { id: unit, run: no-such-tool }');
    expect(spec).toMatchObject({
      colour: 'undecided',
      items: [{ colour: 'undecided', note: expect.stringMatching(/does not start: .*no-such-tool/) }],
    });
  });

  it('is undecided, with the reason, where a rule cannot be decided', async () => {
    const spec = await specOf(
      'spec: 1\nrules:\n  - { id: sql, scope: { include: ["lib/**"] }, forbid: { identifiers: [users] } }',
    );
    expect(spec).toMatchObject({ colour: 'undecided', items: [{ note: expect.any(String) as string }] });
  });

  it('has a flaky check as green, since it turns nothing', async () => {
    const once = join(kit.folder.path, 'once');
    await writeFile(once, '');
    const spec = await specOf(`spec: 1\nchecks:\n  - { id: unit, run: "! rm ${once}" }`);
    expect(spec).toMatchObject({ colour: 'green', items: [{ note: expect.stringContaining('flaky') }] });
  });
});

it('says order, modes, executors, and what is side by side or collides', async () => {
  const task = (key: string, rest = '') =>
    `      - { key: ${key}, title: ${key}, executor: { command: run ${key}, timeout: 5s }${rest} }\n`;
  const report = await look(
    `name: Demo\nconcurrency: 3\nphases:\n  - name: One\n    mode: parallel\n    tasks:\n${task('a', ', writes: [src/**]')}${task('b', ', writes: [src/users.ts]')}${task('c')}  - name: Two\n    mode: manual\n    tasks:\n${task('d', ', dependsOn: [a]')}`,
  );
  expect(report).toMatchObject({
    base,
    concurrency: 3,
    phases: [
      {
        mode: 'parallel',
        tasks: [{ number: 1, asksFirst: false, spec: null }, { number: 2 }, { number: 3 }],
      },
      { mode: 'manual', tasks: [{ number: 4, key: 'd', dependsOn: ['a'], asksFirst: true }] },
    ],
    steps: [['a', 'c'], ['b'], ['d']],
    collisions: [{ tasks: ['a', 'b'], scopes: [['src/**'], ['src/users.ts']] }],
  });
  expect(report.phases[0]?.tasks[0]?.executor).toEqual({
    kind: 'command',
    command: 'run a',
    timeoutSeconds: 5,
  });
});

it('ends when it is told to', async () => {
  const stop = new AbortController();
  stop.abort(new Error('enough'));
  const plan = `name: D\nphases:\n  - name: p\n    mode: manual\n    tasks:\n      - { title: t, executor: { command: x }, spec: { spec: 1, checks: [{ id: a, run: sleep 60 }] } }\n`;
  await expect(look(plan, stop.signal)).rejects.toThrow('enough');
});

it('says what each task is, who agrees when, and what follows a phase; what waits needs no slot', async () => {
  const report = await look(
    [
      'name: Demo',
      'concurrency: 1',
      'autoCommit: false',
      'phases:',
      '  - name: One',
      '    mode: parallel',
      '    approval: before_task',
      '    atEnd: approve',
      '    tasks:',
      '      - { key: work, title: W, executor: { command: x } }',
      '      - { key: wait, title: W, executor: { wait: { event: go, timeout: 1h } } }',
      '      - { key: outside, title: W, executor: { external: {} }, effect: none, assignedTo: ada }',
      '      - { key: meet, title: M, executor: { milestone: {} }, dependsOn: [work, wait, outside] }',
    ].join('\n'),
  );
  expect(report.steps).toEqual([['work', 'wait', 'outside'], ['meet']]);
  const [phase] = report.phases;
  expect(phase).toMatchObject({ approval: 'before_task', atEnd: 'approve', concurrency: null });
  expect(
    phase?.tasks.map(({ key, effect, executor, asksFirst, asksLast, assignedTo }) => [
      [key, effect, executor.kind, assignedTo],
      [asksFirst, asksLast],
    ]),
  ).toEqual([
    [
      ['work', 'change', 'command', null],
      [true, true],
    ],
    [
      ['wait', 'none', 'wait', null],
      [true, false],
    ],
    [
      ['outside', 'none', 'external', 'ada'],
      [true, false],
    ],
    [
      ['meet', 'none', 'milestone', null],
      [true, false],
    ],
  ]);
});

describe('what a plan may cost', () => {
  const planOf = (executor: string) =>
    `name: Demo\nphases:\n  - name: One\n    mode: manual\n    tasks:\n      - { title: T, executor: ${executor} }\n`;

  it('is said where a model works on it, by the model of its first attempt', async () => {
    const { estimate } = await look(planOf('{ claude: { ladder: [{ model: claude-haiku-5-5 }, {}] } }'));
    expect(estimate).toMatchObject({ tasks: [{ number: 1, basis: 'prompt', model: 'claude-haiku-5-5' }] });
    expect(estimate?.usd.low).toBeGreaterThan(0);
    const dearer = (await look(planOf('{ claude: {} }'))).estimate;
    expect(dearer?.usd.low).toBeGreaterThan(estimate?.usd.low ?? Infinity);
  });

  it('is left out where none does', async () => {
    expect(await look(planOf("{ command: 'true' }"))).not.toHaveProperty('estimate');
  });
});
