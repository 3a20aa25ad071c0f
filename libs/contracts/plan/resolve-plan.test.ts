import { parse } from 'yaml';
import type { ReadFile } from './patch-files.js';
import { resolvePlanFile, resolvePlanValue } from './resolve-plan.js';

const SPEC = `spec: 1
checks:
  - id: unit
    run: npm test
`;
/** Wrong at line 3, column 7: `severity` is not a key of a check. */
const BAD_SPEC = `spec: 1
checks:
  - { severity: low, id: unit, run: npm test }
`;

const FILES: Readonly<Record<string, string>> = { 'specs/good.yaml': SPEC, 'specs/bad.yaml': BAD_SPEC };
const read: ReadFile = (path) => {
  const text = FILES[path];
  return text === undefined ? { problem: `the spec ${path} cannot be read: no such file` } : { text };
};

/** A plan of tasks; each is given as the lines below its title, which is at line 6. */
function planText(...tasks: readonly string[]): string {
  const written = tasks.map(
    (lines, index) => `      - title: Task ${index + 1}\n        executor: { command: 'true' }\n${lines}`,
  );
  return `name: Demo\nphases:\n  - name: One\n    mode: parallel\n    tasks:\n${written.join('')}`;
}

function problemsOf(text: string, readFile: ReadFile | null = read) {
  const resolved = resolvePlanFile(text, readFile);
  if (resolved.ok) throw new Error('the plan was accepted');
  return resolved.problems;
}

function accepted(text: string, readFile: ReadFile | null = read) {
  const resolved = resolvePlanFile(text, readFile);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved;
}

const block = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `          ${line}\n`)
    .join('');

describe('a spec', () => {
  it.each([
    ['a path', '        spec: specs/good.yaml\n'],
    ['text', `        spec: |\n${block(SPEC)}`],
  ])('may be %s; the plan then has its text, byte for byte', (_, lines) => {
    const { plan, document, specs } = accepted(planText(lines));
    expect(plan.phases[0]?.tasks[0]?.spec).toBe(SPEC);
    expect(document).toMatchObject({ phases: [{ tasks: [{ spec: SPEC }] }] });
    expect(specs[0]?.[0]?.spec.checks[0]?.run).toBe('npm test');
  });

  it('may be a map; its text means the same', () => {
    const { plan } = accepted(planText(`        spec:\n${block(SPEC)}`));
    expect(parse(String(plan.phases[0]?.tasks[0]?.spec))).toEqual(parse(SPEC));
  });

  it('of one line is its text where no file can be read', () => {
    const text = '{ spec: 1, checks: [{ id: unit, run: npm test }] }';
    expect(accepted(planText(`        spec: '${text}'\n`), null).specs[0]?.[0]?.yaml).toBe(text);
  });

  it('may be absent', () => {
    expect(accepted(planText('')).specs).toEqual([[null]]);
  });
});

it('a resolved document is accepted as JSON and gives the same plan', () => {
  const first = accepted(planText('        spec: specs/good.yaml\n', '        dependsOn: [1-1]\n'));
  const again = resolvePlanValue(first.document);
  expect(again).toMatchObject({ ok: true, plan: first.plan, graph: first.graph });
});

describe('a problem of a spec', () => {
  it('in a file of its own names that file and the place in it', () => {
    expect(problemsOf(planText('        spec: specs/bad.yaml\n'))).toMatchObject([
      {
        file: 'specs/bad.yaml',
        line: 3,
        column: 7,
        message: expect.stringContaining("unknown key 'severity'"),
      },
    ]);
  });

  it('is said once, however many tasks share the file', () => {
    const lines = '        spec: specs/bad.yaml\n';
    expect(problemsOf(planText(lines, lines))).toHaveLength(1);
  });

  it('whose file cannot be read is at its key in the plan file', () => {
    const [problem] = problemsOf(planText('        spec: specs/none.yaml\n'));
    expect(problem).toEqual({
      path: 'phases[0].tasks[0].spec',
      message: 'the spec specs/none.yaml cannot be read: no such file',
      line: 8,
      column: 9,
    });
  });

  it('that is a map has its place in the plan file', () => {
    expect(problemsOf(planText(`        spec:\n${block(BAD_SPEC)}`))).toMatchObject([
      { path: 'phases[0].tasks[0].spec.checks[0].severity', line: 11, column: 17 },
    ]);
  });

  it('that is an alias has its place where it is written', () => {
    const first = planText(`        spec: &shared\n${block(BAD_SPEC)}`, '        spec: *shared\n');
    expect(problemsOf(first)).toMatchObject([
      { path: 'phases[0].tasks[0].spec.checks[0].severity', line: 11 },
      { path: 'phases[0].tasks[1].spec.checks[0].severity', line: 11 },
    ]);
  });

  it.each(['|', '|2', '|-', '|+ # a comment'])(
    'that is a block (%s) has its place in the plan file',
    (header) => {
      const [problem] = problemsOf(planText(`        spec: ${header}\n${block(BAD_SPEC)}`));
      expect(problem).toMatchObject({ line: 11, column: 17 });
    },
  );

  it('that is a block with a blank line first counts that line', () => {
    const [problem] = problemsOf(planText(`        spec: |\n\n${block(BAD_SPEC)}`));
    expect(problem).toMatchObject({ line: 12, column: 17 });
  });

  it('that is text of another kind is at its key, and says where in the text', () => {
    const lines = `        spec: ${JSON.stringify(BAD_SPEC)}\n`;
    const [problem] = problemsOf(planText(lines));
    expect(problem).toMatchObject({
      line: 8,
      column: 9,
      message: expect.stringContaining('line 3, column 7 of the spec'),
    });
  });
});

describe('everything at once', () => {
  it('shape, dependencies and specs, from top to bottom, the specs’ files last', () => {
    const problems = problemsOf(
      planText(
        '        spec: specs/bad.yaml\n',
        '        promt: x\n',
        '        dependsOn: [nobody]\n',
        `        spec:\n${block(BAD_SPEC)}`,
      ),
    );
    expect(problems.map(({ file, path }) => file ?? path)).toEqual([
      'phases[0].tasks[1].promt',
      'phases[0].tasks[2].dependsOn[0]',
      'phases[0].tasks[3].spec.checks[0].severity',
      'specs/bad.yaml',
    ]);
    for (const { line, column } of problems) expect([line, column]).not.toContain(undefined);
  });

  it('a cycle, at one of its tasks', () => {
    const problems = problemsOf(
      planText('        key: a\n        dependsOn: [b]\n', '        key: b\n        dependsOn: [a]\n'),
    );
    expect(problems).toMatchObject([{ line: 6, message: expect.stringContaining('wait for each other') }]);
  });

  it('at most 50 problems', () => {
    const keys = Array.from({ length: 80 }, (_, index) => `unknown${index}: 1\n`).join('');
    expect(problemsOf(`${keys}${planText('')}`)).toHaveLength(50);
  });

  it('a dependency that is malformed is reported as that only', () => {
    expect(problemsOf(planText('        dependsOn: [Not Ok]\n'))).toHaveLength(1);
  });
});

describe('contracts that a task supersedes', () => {
  const plan = (name: string) =>
    planText(`        key: first\n        spec: specs/good.yaml\n`, `        supersedes: ['${name}']\n`);

  it('are named by the key of their task in the end, whatever named it', () => {
    for (const name of ['first.unit', '1.unit'])
      expect(accepted(plan(name)).plan.phases[0]?.tasks[1]?.supersedes).toEqual(['first.unit']);
  });

  it.each(['first.other', '2.unit', 'nobody.unit'])(
    'are refused at their place where there is no %s before',
    (name) => {
      expect(problemsOf(plan(name))).toMatchObject([
        { path: 'phases[0].tasks[1].supersedes[0]', line: 12, column: 22 },
      ]);
    },
  );
});
