import { parsePlan, readPlanYaml } from './parse-plan.js';
import { resolvePlanFile } from './resolve-plan.js';

const MINIMAL = `name: Demo
phases:
  - name: One
    mode: parallel
    tasks:
      - title: Do it
        executor:
          command: 'true'
`;

function problemsOf(text: string) {
  const parsed = resolvePlanFile(text, null);
  if (parsed.ok) throw new Error('the plan was accepted');
  return parsed.problems;
}

function planOf(text: string) {
  const parsed = resolvePlanFile(text, null);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.plan;
}

const withTask = (lines: string) => MINIMAL.replace("command: 'true'\n", `command: 'true'\n${lines}\n`);

describe('a plan file', () => {
  it('needs little: everything else has a default', () => {
    expect(planOf(MINIMAL)).toEqual({
      name: 'Demo',
      description: '',
      metadata: {},
      concurrency: 4,
      maxAttempts: 3,
      priority: 0,
      autoCommit: true,
      phases: [
        {
          name: 'One',
          description: '',
          mode: 'parallel',
          atEnd: 'continue',
          successCriteria: [],
          tasks: [
            {
              title: 'Do it',
              prompt: '',
              dependsOn: [],
              executor: { command: 'true', timeout: 600 },
              mayChange: [],
              writes: [],
              supersedes: [],
              needs: [],
            },
          ],
        },
      ],
    });
  });

  it('may be JSON', () => {
    const json = JSON.stringify({
      name: 'J',
      phases: [{ name: 'p', mode: 'manual', tasks: [{ title: 't', executor: { command: 'x' } }] }],
    });
    expect(planOf(json).phases[0]?.mode).toBe('manual');
  });

  it.each([
    ['1s', 1],
    ['90s', 90],
    ['5m', 300],
    ['24h', 86_400],
  ])('reads the timeout %s as %d seconds', (text, seconds) => {
    const plan = planOf(MINIMAL.replace("command: 'true'", `command: 'true'\n          timeout: ${text}`));
    expect(plan.phases[0]?.tasks[0]?.executor).toMatchObject({ timeout: seconds });
  });

  it.each(['0s', '5', '5 m', '1d', '-1m', '1.5h', '25h', '86401s', '""'])(
    'refuses the timeout %s at its place',
    (text) => {
      const problems = problemsOf(
        MINIMAL.replace("command: 'true'", `command: 'true'\n          timeout: ${text}`),
      );
      expect(problems).toMatchObject([{ path: 'phases[0].tasks[0].executor.timeout', line: 9, column: 11 }]);
    },
  );
});

describe('problems name their place', () => {
  it('an unknown key, at the key', () => {
    expect(problemsOf(withTask('        promt: x'))).toEqual([
      {
        path: 'phases[0].tasks[0].promt',
        message: `unknown key "promt"; did you mean 'prompt'?`,
        line: 9,
        column: 9,
      },
    ]);
  });

  it.each([
    ['at the top', (text: string) => `concurency: 2\n${text}`, 'concurrency'],
    [
      'in a phase',
      (text: string) => text.replace('    mode', '    sucessCriteria: []\n    mode'),
      'successCriteria',
    ],
    ['in an executor', (text: string) => text.replace("command: 'true'", "comand: 'true'"), 'command'],
  ])('an unknown key %s with the key that was meant', (_, change, meant) => {
    const messages = problemsOf(change(MINIMAL)).map(({ message }) => message);
    expect(messages).toContainEqual(expect.stringContaining(`did you mean '${meant}'?`));
  });

  it('an unknown key that is near to none, without a guess', () => {
    expect(problemsOf(`zebra: 1\n${MINIMAL}`)).toMatchObject([{ message: 'unknown key "zebra"' }]);
  });

  it('each of several unknown keys on its own', () => {
    const problems = problemsOf(`colour: red\n${MINIMAL}size: 3\n`);
    expect(problems.map(({ path, line, column }) => [path, line, column])).toEqual([
      ['colour', 1, 1],
      ['size', 10, 1],
    ]);
  });

  it('a missing key, at its parent', () => {
    expect(
      problemsOf(MINIMAL.replace('      - title: Do it\n        executor', '      - executor')),
    ).toMatchObject([{ path: 'phases[0].tasks[0].title', line: 6, column: 9 }]);
  });

  it('a wrong value, at its key', () => {
    expect(problemsOf(MINIMAL.replace('parallel', 'paralel'))).toMatchObject([
      { path: 'phases[0].mode', line: 4, column: 5 },
    ]);
  });

  it('an item of a list, at the item', () => {
    const [unknown, malformed, ...others] = problemsOf(withTask('        dependsOn: [ok, "Not Ok"]'));
    expect(others).toEqual([]);
    expect(unknown).toMatchObject({ path: 'phases[0].tasks[0].dependsOn[0]', line: 9, column: 21 });
    expect(malformed).toMatchObject({ path: 'phases[0].tasks[0].dependsOn[1]', line: 9, column: 25 });
  });

  it('YAML that cannot be read, with line and column', () => {
    const [problem] = problemsOf(`name: Demo\nphases: [unclosed\n`);
    expect(problem?.message).not.toBe('');
    expect(problem?.line).toBeGreaterThanOrEqual(2);
    expect(problem?.column).toBeGreaterThanOrEqual(1);
  });

  it('a key that is there twice, at the second', () => {
    expect(problemsOf(`name: A\n${MINIMAL}`)).toMatchObject([{ line: 2, column: 1 }]);
  });

  it('a place found later, by the path of a problem', () => {
    const read = readPlanYaml(withTask('        dependsOn:\n          - other'));
    if (!read.ok) throw new Error('refused');
    expect(read.positions.locate(['phases', 0, 'tasks', 0, 'dependsOn', 0])).toEqual({
      line: 10,
      column: 13,
    });
  });

  it('a problem of a JSON value has its path and no line', () => {
    const parsed = parsePlan({
      name: 'x',
      phases: [{ name: 'p', mode: 'parallel', tasks: [{ title: 't' }] }],
    });
    expect(parsed).toMatchObject({ ok: false, problems: [{ path: 'phases[0].tasks[0].executor' }] });
    expect(JSON.stringify(parsed)).not.toContain('"line"');
  });
});

describe('refused', () => {
  it.each([
    ['mayChange', '/etc/passwd', "starts with '/'"],
    ['mayChange', '../other', 'leaves the repository'],
    ['writes', 'src/../../other', 'leaves the repository'],
    ['writes', '..', 'leaves the repository'],
    ['mayChange', '{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}', 'expands to more than 256 globs'],
  ])('%s may not be the glob %s', (key, path, why) => {
    const [problem] = problemsOf(withTask(`        ${key}: ['${path}']`));
    expect(problem).toMatchObject({
      path: `phases[0].tasks[0].${key}[0]`,
      message: expect.stringContaining(why),
    });
  });

  it.each(['users', 'users.', '.route', 'Users.route', 'users.a b'])('the contract %j', (name) => {
    expect(problemsOf(withTask(`        supersedes: ['${name}']`))).toMatchObject([
      { path: 'phases[0].tasks[0].supersedes[0]' },
    ]);
  });

  it.each(['TypeScript', '-sql', 'c++', 'x'.repeat(64), ''])('the capability %j', (name) => {
    expect(problemsOf(withTask(`        needs: [sql, '${name}']`))).toMatchObject([
      { path: 'phases[0].tasks[0].needs[1]', message: expect.stringContaining('name of a capability') },
    ]);
  });

  it('more than twenty capabilities', () => {
    const names = Array.from({ length: 21 }, (_, at) => `c${at}`);
    expect(planOf(withTask(`        needs: [${names.slice(1).join()}]`)).phases[0]?.tasks[0]?.needs).toEqual(
      names.slice(1),
    );
    expect(problemsOf(withTask(`        needs: [${names.join()}]`))).toMatchObject([
      { path: 'phases[0].tasks[0].needs' },
    ]);
  });

  it('names with two dots in them are inside the repository', () => {
    expect(planOf(withTask("        writes: ['src/a..b/**']")).phases[0]?.tasks[0]?.writes).toEqual([
      'src/a..b/**',
    ]);
  });

  it.each(['Upper', '-dash', 'with space', 'x'.repeat(64), ''])('the key %j', (key) => {
    expect(problemsOf(withTask(`        key: '${key}'`))).toMatchObject([{ path: 'phases[0].tasks[0].key' }]);
  });

  it.each([
    ['concurrency: 0', 'concurrency'],
    ['concurrency: 101', 'concurrency'],
    ['concurrency: 1.5', 'concurrency'],
    ['maxAttempts: 21', 'maxAttempts'],
    ['name2: x', 'name2'],
  ])('%s', (line, path) => {
    expect(problemsOf(`${line}\n${MINIMAL}`)).toMatchObject([{ path, line: 1 }]);
  });

  it('a plan without a list of phases, and a phase without a list of tasks', () => {
    expect(problemsOf('name: x\n')).toMatchObject([{ path: 'phases' }]);
    expect(problemsOf('name: x\nphases:\n  - {name: p, mode: parallel}\n')).toMatchObject([
      { path: 'phases[0].tasks', line: 3 },
    ]);
  });

  it.each(['phases: []', 'phases: [{name: p, mode: parallel, tasks: []}]'])(
    'but not a plan that is to be filled later: %s',
    (phases) => expect(resolvePlanFile(`name: x\n${phases}\n`, null).ok).toBe(true),
  );

  it.each(['', '# only a comment\n', '[]', 'text', 'null'])('a document that is no map: %j', (text) => {
    expect(problemsOf(text)).toHaveLength(1);
  });

  it('several documents in one file', () => {
    expect(problemsOf(`${MINIMAL}---\n${MINIMAL}`).length).toBeGreaterThan(0);
  });

  it('more than 1 MB, counted in bytes and not in characters', () => {
    const bytes = (size: number) => `${MINIMAL}description: ${'é'.repeat(size / 2)}\n`;
    expect(problemsOf(bytes(1_000_000))).toEqual([
      { path: '', message: 'the plan file is larger than 1 MB' },
    ]);
    expect(problemsOf(bytes(900_000))).toMatchObject([{ path: 'description' }]);
  });

  it('an alias bomb, without expanding it', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `  l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`,
    );
    const [problem, ...others] = problemsOf(`${MINIMAL}metadata:\n  l0: &l0 [x]\n${levels.join('\n')}\n`);
    expect(others).toEqual([]);
    expect(problem?.message).toMatch(/alias/i);
  });

  it('nesting deeper than the stack, without an error of its own', () => {
    expect(
      problemsOf(`${MINIMAL}metadata: {a: ${'['.repeat(20_000)}${']'.repeat(20_000)}}\n`).length,
    ).toBeGreaterThan(0);
  });

  it('an alias that names nothing', () => {
    expect(problemsOf(`${MINIMAL}metadata: *nobody\n`).length).toBeGreaterThan(0);
  });
});

describe('what no database could keep', () => {
  it.each([
    ['NUL in a title', { title: 'a\0b' }],
    ['a lone surrogate in a prompt', { prompt: '\ud800' }],
  ])('%s is refused', (_, task) => {
    const parsed = parsePlan({
      name: 'x',
      phases: [
        { name: 'p', mode: 'parallel', tasks: [{ title: 't', executor: { command: 'true' }, ...task }] },
      ],
    });
    expect(parsed).toMatchObject({ ok: false, problems: [{ message: expect.stringContaining('Unicode') }] });
  });

  it('free metadata is looked at to its depth, and a spelt-out escape is only text', () => {
    const phases = [{ name: 'p', mode: 'parallel', tasks: [{ title: 't', executor: { command: 'true' } }] }];
    const withMetadata = (metadata: unknown) => parsePlan({ name: 'x', metadata, phases }).ok;
    expect(withMetadata({ a: [{ b: '\ud800' }] })).toBe(false);
    expect(withMetadata({ 'a\0': 1 })).toBe(false);
    expect(withMetadata({ a: '\\u0000 \\ud800' })).toBe(true);
  });

  it('a text of brackets is nested too deeply, and says only that', () => {
    expect(readPlanYaml('['.repeat(200_000))).toEqual({
      ok: false,
      problems: [{ path: '', message: 'the plan file is nested too deeply' }],
    });
  });
});
