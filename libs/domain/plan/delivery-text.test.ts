import fc from 'fast-check';
import {
  deliverySubject,
  deliveryText,
  deliveryTitle,
  verificationLines,
  type DeliveredTask,
} from './delivery-text.js';

const task = (number: number, over: Partial<DeliveredTask> = {}): DeliveredTask => ({
  number,
  title: `Task ${number}`,
  status: 'completed',
  effect: 'change',
  verified: true,
  commit: 'a'.repeat(40),
  note: null,
  strength: null,
  waived: [],
  ...over,
});
const plan = (...tasks: DeliveredTask[]) => ({
  number: 7,
  name: 'Users',
  description: '',
  branch: 'planwright/7-users',
  targetBranch: 'main',
  tasks,
  costs: [],
});
const lines = (...tasks: DeliveredTask[]): string => deliveryText(plan(...tasks), ['ok']);

test.each([
  [task(1), '- 1 Task 1: verified (aaaaaaaaaaaa)'],
  [task(1, { verified: false }), '- 1 Task 1: **not verified** (aaaaaaaaaaaa)'],
  [task(1, { status: 'satisfied', commit: null }), '- 1 Task 1: verified: an earlier commit did it'],
  [task(1, { effect: 'none', verified: false, commit: null }), '- 1 Task 1: done, changes nothing'],
  [task(1, { status: 'skipped', verified: null, commit: null }), '- 1 Task 1: **skipped**'],
])('says what each task is worth', (each, line) => {
  expect(lines(each).split('\n')).toContain(line);
});

test('names what people ended, and what no rule would miss', () => {
  const unguarded = [
    { file: 'src/a_b.ts', firstLine: 3, lastLine: 3 },
    { file: 'logo.png', firstLine: 0, lastLine: 0 },
  ];
  const text = lines(
    task(1, { waived: ['1.no-legacy'], strength: { hunks: 3, guarded: 1, unguarded } }),
    task(2, { status: 'skipped', note: 'not *now*' }),
  );
  expect(text).toContain('- contract 1.no-legacy was waived by a person');
  expect(text).toContain('- task 2 was skipped: not \\*now\\*');
  expect(text).toContain('- task 1: src/a\\_b.ts line 3\n- task 1: logo.png');
});

test('says what was paid, model by model', () => {
  const cost = { model: 'big_one', micros: 1_250_000, calls: 2, inputTokens: 12_345, outputTokens: 678 };
  const text = deliveryText(
    { ...plan(), costs: [cost, { ...cost, model: 'small', micros: 250_000, calls: 1 }] },
    [],
  );
  expect(text).toContain(
    '### Cost\n\n$1.50 in all.\n- big\\_one: $1.25, 2 calls, 12,345 tokens in, 678 out\n- small: $0.25, 1 call, ',
  );
  expect(lines(task(1))).not.toContain('Cost');
});

test('tells what nobody could decide on the merged tree', () => {
  const item = {
    id: 'contract:1.tests',
    kind: 'check',
    candidate: 'undecided',
    turned: false,
    violations: 0,
  } as const;
  const verdict = {
    outcome: 'pass',
    summary: '1 standing contract.',
    violations: [],
    items: [item],
    blocking: 0,
  } as const;
  expect(verificationLines(plan(), verdict)).toEqual([
    'Merged with `main` and verified again: 1 standing contract.',
    '- contract:1.tests: undecided, ',
  ]);
  expect(verificationLines(plan(), null)).toHaveLength(1);
});

test('whatever people and agents wrote, it is of bounded length, mentions nobody and has no markup of theirs', () => {
  const texts = fc.array(fc.string({ maxLength: 400, unit: 'binary' }), { maxLength: 300 });
  fc.assert(
    fc.property(texts, fc.string({ maxLength: 10_000 }), (titles, description) => {
      const tasks = titles.map((title, at) => task(at + 1, { title: `@all <b>${title}</b> #1 [a](b)` }));
      const text = deliveryText({ ...plan(...tasks), description: `@all ${description}` }, []);
      expect(text.length).toBeLessThan(31_000);
      expect(text).not.toMatch(/@[\w-]/);
      expect(text).not.toMatch(/(^|[^\\])[<>]b/m);
    }),
    { numRuns: 50 },
  );
});

test('subjects and titles are one line', () => {
  const named = { ...plan(), name: `a\nb ${'c'.repeat(500)}` };
  for (const text of [deliverySubject(named), deliveryTitle(named)]) {
    expect(text).not.toContain('\n');
    expect(text.length).toBeLessThanOrEqual(200);
  }
});
