import { resolvePlanFile } from './resolve-plan.js';

/** The first task begins in line 6 of the file. */
const withTask = (task: string, top = '') =>
  `name: Demo\nphases:\n  - name: One\n    mode: parallel\n    tasks:\n      - ${task}\n${top}`;

function planOf(text: string) {
  const parsed = resolvePlanFile(text, null);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.plan;
}

function problemsOf(text: string) {
  const parsed = resolvePlanFile(text, null);
  if (parsed.ok) throw new Error('the plan was accepted');
  return parsed.problems.map(({ path, message }) => `${path}: ${message}`);
}

const executorOf = (executor: string) =>
  planOf(withTask(`{ title: T, executor: ${executor} }`)).phases[0]?.tasks[0]?.executor;
const executorProblems = (executor: string) =>
  problemsOf(withTask(`{ title: T, executor: ${executor} }`)).map((problem) =>
    problem.replace('phases[0].tasks[0].', ''),
  );

describe('an executor', () => {
  it.each([
    ['{ command: make, timeout: 5m }', { command: 'make', timeout: 300 }],
    ['{ milestone: {} }', { milestone: {} }],
    ['{ external: {} }', { external: {} }],
    ['{ wait: { for: 10m } }', { wait: { for: 600 } }],
    ['{ wait: { for: 720h } }', { wait: { for: 2_592_000 } }],
    ["{ wait: { until: '2026-12-01T08:00:00+01:00' } }", { wait: { until: '2026-12-01T08:00:00+01:00' } }],
    ['{ wait: { until: 2026-12-01T07:00:00Z } }', { wait: { until: '2026-12-01T07:00:00Z' } }],
    ['{ wait: { event: released } }', { wait: { event: 'released' } }],
    ['{ wait: { event: a.b-c_1, timeout: 1h } }', { wait: { event: 'a.b-c_1', timeout: 3_600 } }],
  ])('%s', (written, read) => {
    expect(executorOf(written)).toEqual(read);
  });

  it.each([
    ['{}', 'executor: must name one of command, agent, claude, profile, patch, milestone, wait, external'],
    [
      'external',
      'executor: must be an object that names one of command, agent, claude, profile, patch, milestone, wait, external',
    ],
    [
      '{ command: make, milestone: {} }',
      'executor: must name one of command, agent, claude, profile, patch, milestone, wait, external, not command and milestone',
    ],
    ['{ milestone: {}, timeout: 5m }', 'executor.timeout: says how a command runs; this is none'],
    ['{ external: {}, checkout: true }', 'executor.checkout: says how a command runs; this is none'],
    ['{ milestone: { x: 1 } }', 'executor.milestone.x: unknown key "x"'],
    ['{ wait: {} }', 'executor.wait: must say one of for (a duration), until (a time) and event (a name)'],
    [
      '{ wait: { for: 1m, event: x } }',
      'executor.wait: must say one of for (a duration), until (a time) and event (a name)',
    ],
    [
      '{ wait: { for: 1m, timeout: 1m } }',
      'executor.wait.timeout: is for events only: a time comes by itself',
    ],
    ['{ wait: { for: 721h } }', 'executor.wait.for: must be at most 720h'],
    [
      "{ wait: { until: '2026-12-01T08:00:00' } }",
      'executor.wait.until: must be a time with its offset, such as 2026-12-01T08:00:00+01:00',
    ],
    [
      '{ wait: { event: "no blanks" } }',
      'executor.wait.event: must be letters, digits, dots, dashes and _, at most 63',
    ],
    ['{ wait: { unti: x } }', `executor.wait.unti: unknown key "unti"; did you mean 'until'?`],
    ['{ mileston: {} }', `executor.mileston: unknown key "mileston"; did you mean 'milestone'?`],
  ])('is not %s', (written, problem) => {
    expect(executorProblems(written)).toContain(problem);
  });
});

describe('a task without a change', () => {
  it('is one that says so; milestones and waits need not', () => {
    const text = withTask(`{ title: T, executor: { command: make, checkout: true }, effect: none }`);
    expect(planOf(text).phases[0]?.tasks[0]).toMatchObject({
      effect: 'none',
      executor: { command: 'make', checkout: true },
    });
  });

  it.each([
    ['executor: { command: x }, effect: none, spec: {spec: 1}', 'spec: cannot judge anything'],
    ['executor: { milestone: {} }, writes: [a]', 'writes: names nothing that is written'],
    ['executor: { wait: { for: 1s } }, mayChange: [a]', 'mayChange: lets nothing be changed'],
    ['executor: { milestone: {} }, effect: change', 'effect: must be none: a milestone changes nothing'],
    ['executor: { command: x, checkout: false }', 'executor.checkout: is for tasks with effect none'],
  ])('{ %s } is refused at its place', (task, problem) => {
    expect(problemsOf(withTask(`{ title: T, ${task} }`))).toContainEqual(
      expect.stringContaining(`phases[0].tasks[0].${problem}`),
    );
  });
});

const TASK = '{ title: T, executor: { command: x } }';

describe('a phase', () => {
  const phase = (keys: string) => withTask(TASK).replace('    mode', `    ${keys}\n    mode`);

  it('says when a person must agree, what follows it, and how many tasks run at once', () => {
    const plan = planOf(phase('approval: both\n    atEnd: pause\n    concurrency: 2'));
    expect(plan.phases[0]).toMatchObject({ approval: 'both', atEnd: 'pause', concurrency: 2 });
  });

  it.each(['approval: always', 'atEnd: stop', 'concurrency: 0'])('%s is refused', (key) => {
    const [problem] = problemsOf(phase(key));
    expect(problem).toMatch(new RegExp(`^phases\\[0\\]\\.${key.split(':')[0]}: `));
  });
});

describe('a plan', () => {
  it('has a priority, lets its changes land or not, and says how a workspace is prepared', () => {
    const top =
      'priority: -5\nautoCommit: false\nsetup: { commands: [npm ci], inputs: [package-lock.json] }\n';
    expect(planOf(withTask(TASK, top))).toMatchObject({
      priority: -5,
      autoCommit: false,
      setup: {
        commands: ['npm ci'],
        inputs: ['package-lock.json'],
        caches: [],
        env: {},
        network: true,
        timeout: 600,
      },
    });
  });

  it.each([
    ['priority: 101', 'priority'],
    ['priority: 0.5', 'priority'],
    ['setup: { commands: [] }', 'setup.commands'],
    ['setup: { commands: [x], inputs: [/etc/passwd] }', 'setup.inputs[0]'],
    ['setup: { commands: [x], caches: [../elsewhere] }', 'setup.caches[0]'],
    ["setup: { commands: [x], caches: ['node_modules/*'] }", 'setup.caches[0]'],
    ['setup: { commands: [x], env: { "A B": c } }', 'setup.env.A B'],
    ['setup: { commands: [x], timeout: 25h }', 'setup.timeout'],
  ])('%s is refused', (top, path) => {
    expect(problemsOf(withTask(TASK, `${top}\n`))).toContainEqual(
      expect.stringMatching(`^${path.replace(/[[\]]/g, '\\$&')}: `),
    );
  });

  it('with a key that is nearly right is told which', () => {
    expect(problemsOf(withTask(TASK, 'priorty: 1\n'))).toContain(
      `priorty: unknown key "priorty"; did you mean 'priority'?`,
    );
    expect(problemsOf(withTask(TASK, 'setup: { comands: [x] }\n'))).toContain(
      `setup.comands: unknown key "comands"; did you mean 'commands'?`,
    );
  });
});
