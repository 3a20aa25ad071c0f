import { createAnthropic } from '#agents/anthropic/anthropic.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { gives, malformed, overloaded, refuses } from '#testing/messages-api/answer.js';
import { startMessagesApi, type MessagesApi } from '#testing/messages-api/messages-api.js';
import { anthropicFor } from '#testing/messages-api/model-calls.js';
import { spendOn } from '#testing/spend.js';
import { applyChosen, previewChosen } from '../commands/apply-suggestions.command.js';
import { askForReview, type ReviewPlanCommand } from '../commands/review-plan.command.js';
import { updateTask } from '../commands/update-task.command.js';
import { deleteTask } from '../commands/delete-task.command.js';
import type { ModelDeps } from '../model/paid-llm.js';
import { readReview } from '../queries/read-review.js';
import { reviewPlan } from './review-plan.js';

const REVIEWER = { model: 'claude-sonnet-5-5', effort: null } as const;
const NEVER = new AbortController().signal;
const STAYS = { title: null, prompt: null, dependsOn: null, writes: null, spec: null };

let harness: EngineHarness;
let api: MessagesApi;
let deps: ModelDeps;
let planId: string;

beforeAll(async () => {
  harness = await EngineHarness.open();
  api = await startMessagesApi([]);
  const spend = spendOn(harness.stores);
  deps = { ...harness.deps, llm: createAnthropic(anthropicFor(api)), spend };
});
afterAll(async () => {
  await api.close();
  await harness.close();
});
beforeEach(async () => {
  planId = await harness.stores.plan([
    { mode: 'parallel', tasks: [{ key: 'users' }, { key: 'orders', dependsOn: ['users'] }] },
    { mode: 'parallel', tasks: [{ key: 'docs' }] },
  ]);
});

/** Asks for a review, and has it done. @returns its id */
async function reviewed(over: Partial<ReviewPlanCommand> = {}): Promise<string> {
  const { ownerId: actorId } = harness.stores;
  const command = { planId, actorId, type: 'refine_descriptions', scope: 'plan', ...over } as const;
  const id = await askForReview(deps, REVIEWER, command);
  await reviewPlan(deps, id, NEVER);
  return id;
}

const read = (id: string) => readReview(deps, planId, id);
const applying = (review: string | number, indices?: readonly number[]) =>
  applyChosen(deps, { planId, actorId: harness.stores.ownerId, review, indices });
const editing = (taskNumber: number) => ({ planId, actorId: harness.stores.ownerId, taskNumber });
const tasks = () =>
  harness.stores.db.planTask.findMany({
    where: { planId },
    orderBy: { number: 'asc' },
    include: { dependencies: { include: { dependsOn: true } } },
  });

const REFINED = {
  suggestions: [
    { operation: 'update_task', task: 'users', ...STAYS, prompt: 'Move src/users.ts', reason: 'vague' },
    { operation: 'update_task', task: 'orders', ...STAYS, title: 'Move the orders', reason: 'vague' },
    {
      operation: 'update_phase',
      phase: 2,
      name: 'Document',
      description: null,
      mode: null,
      successCriteria: null,
      reason: 'says nothing',
    },
  ],
};

const part = (key: string, dependsOn: readonly string[] = []) => ({
  key,
  title: `Do ${key}`,
  prompt: `Do ${key}`,
  dependsOn,
  writes: [],
  mayChange: [],
  needs: ['sql'],
  spec: null,
});

it('changes nothing by itself; what it suggests is applied by index, once, as one edit', async () => {
  api.use([gives(REFINED)]);
  const before = await tasks();
  const id = await reviewed();
  expect(await tasks()).toEqual(before);
  const seen = await read(id);
  expect(seen).toMatchObject({ status: 'succeeded', reviewType: 'refine_descriptions', unusable: [] });
  expect(seen.suggestions).toMatchObject([
    { target: 'task 1 (users)', status: 'open', after: { prompt: 'Move src/users.ts' } },
    { target: 'task 2 (orders)', status: 'open', before: { title: before[1]?.title } },
    { target: 'phase 2 (Phase 2)', status: 'open', after: { name: 'Document' } },
  ]);
  const preview = await previewChosen(deps, { planId, review: id, indices: [0, 2] });
  expect(await tasks()).toEqual(before);
  const done = await applying(seen.number, [0, 2]);
  expect(done).toMatchObject({ applied: [0, 2], already: [], refused: [], changes: preview.changes });
  expect((await tasks())[0]?.prompt).toBe('Move src/users.ts');
  const again = await applying(id, [0, 2]);
  expect(again).toMatchObject({ applied: [], already: [0, 2], changes: [], revision: done.revision });
  expect((await read(id)).suggestions.map(({ status }) => status)).toEqual(['applied', 'open', 'applied']);
  const iterations = await harness.stores.db.planIteration.findMany({
    where: { planId },
    orderBy: { number: 'asc' },
  });
  expect(iterations.map(({ kind, summary }) => [kind, summary])).toEqual([
    [expect.any(String), expect.any(String)],
    ['review', 'Reviewed (refine_descriptions): 3 suggestions'],
    ['edit', `2 suggestions of review ${seen.number} applied`],
  ]);
  expect(iterations[1]).toMatchObject({ model: 'claude-sonnet-5-5' });
  expect(iterations[1]?.outputTokens).toBeGreaterThan(0);
});

it('says what was applied before, also of a plan that can be edited no more', async () => {
  api.use([gives(REFINED)]);
  const id = await reviewed();
  await applying(id, [0]);
  await harness.stores.db.plan.update({ where: { id: planId }, data: { status: 'completed' } });
  expect(await applying(id, [0])).toMatchObject({ applied: [], already: [0], refused: [] });
  await expect(applying(id, [1])).rejects.toThrow(/cannot be edited/);
});

it('reports what changed since, and applies the rest', async () => {
  api.use([gives(REFINED)]);
  const id = await reviewed();
  await updateTask(deps, { ...editing(1), changes: { prompt: 'By hand' } });
  await deleteTask(deps, editing(2));
  expect((await read(id)).suggestions.map(({ status, why }) => [status, why])).toEqual([
    ['stale', 'Changed since: prompt.'],
    ['stale', 'Its task is not in the plan any more.'],
    ['open', null],
  ]);
  expect(await applying(id)).toMatchObject({
    applied: [2],
    refused: [
      { index: 0, reason: 'Changed since: prompt.' },
      { index: 1, reason: 'Its task is not in the plan any more.' },
    ],
  });
  expect((await tasks())[0]?.prompt).toBe('By hand');
});

it('applies each suggestion once, however many ask at the same time', async () => {
  api.use([
    gives({
      suggestions: [
        {
          operation: 'add_task',
          phase: 1,
          after: 'users',
          task: part('audit', ['users']),
          reason: 'missing',
        },
      ],
    }),
  ]);
  const id = await reviewed({ type: 'add_missing' });
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => applying(id)));
  expect(outcomes.filter(({ applied }) => applied.length === 1)).toHaveLength(1);
  expect((await tasks()).map(({ key }) => key)).toEqual(['users', 'orders', 'docs', 'audit']);
});

it('splits a task: its parts wait for what it waited for', async () => {
  const into = [part('orders-read'), part('orders-write', ['orders-read'])];
  api.use([gives({ suggestions: [{ operation: 'split_task', task: 'orders', into, reason: 'large' }] })]);
  await applying(await reviewed({ type: 'break_down', scope: 'task', target: 'orders' }));
  const after = await tasks();
  expect(after.map(({ key, dependencies }) => [key, dependencies.map((edge) => edge.dependsOn.key)])).toEqual(
    [
      ['users', []],
      ['docs', []],
      ['orders-read', ['users']],
      ['orders-write', ['orders-read']],
    ],
  );
  expect(after.map(({ needs }) => needs)).toEqual([[], [], ['sql'], ['sql']]);
});

it('applies what an earlier release suggested, which says no needs', async () => {
  api.use([
    gives({
      suggestions: [{ operation: 'add_task', phase: 1, after: null, task: part('audit'), reason: 'missing' }],
    }),
  ]);
  const id = await reviewed({ type: 'add_missing' });
  const { db } = harness.stores;
  const { id: rowId, result } = await db.planIteration.findFirstOrThrow({
    where: { planId, kind: 'review' },
  });
  const older = JSON.stringify(result).replace('"needs":["sql"],', '');
  expect(older).not.toContain('needs');
  await db.planIteration.update({ where: { id: rowId }, data: { result: JSON.parse(older) as object } });
  expect(await applying(id)).toMatchObject({ applied: [0] });
  expect((await tasks()).find(({ key }) => key === 'audit')?.needs).toEqual([]);
});

it('offers only what the plan can take: what is out of scope or would break it is said, and not offered', async () => {
  const move = (task: string, phase: number) => ({
    operation: 'move_task',
    task,
    phase,
    after: null,
    reason: 'r',
  });
  const suggestions = [move('users', 2), move('nobody', 1), move('docs', 1)];
  api.use([gives({ suggestions })]);
  const seen = await read(await reviewed({ type: 'optimize_order' }));
  expect(seen.suggestions.map(({ target }) => target)).toEqual(['task 3 (docs)']);
  expect(seen.unusable.map(({ why }) => why)).toEqual([
    expect.stringContaining('no longer hold together'),
    'The plan has no task "nobody".',
  ]);
  api.use([gives({ suggestions }), gives({ suggestions: [] })]);
  const inPhase = await read(await reviewed({ type: 'optimize_order', scope: 'phase', target: '1' }));
  expect(inPhase).toMatchObject({ status: 'succeeded', suggestions: [] });
  expect(api.calls.at(-1)?.last).toContain('Task "docs" is not what was to be reviewed.');
});

it('never says who carries a task out', async () => {
  api.use([
    gives({ suggestions: [{ operation: 'add_task', phase: 1, after: null, task: part('a'), reason: 'r' }] }),
  ]);
  await applying(await reviewed({ type: 'add_missing' }));
  const added = (await tasks()).find(({ key }) => key === 'a');
  expect(added?.executor).toEqual({ kind: 'external' });
});

it.each([
  ['no JSON twice', [malformed(), malformed()]],
  ['a refusal twice', [refuses(), refuses()]],
])('fails with what was answered: %s', async (_, answers) => {
  api.use(answers);
  const id = await reviewed();
  expect(await read(id)).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('no usable answer'),
  });
  await expect(applying(id)).rejects.toThrow(/is failed/);
});

it('goes on after an overloaded provider', async () => {
  api.use([overloaded(), gives(REFINED)]);
  expect(await read(await reviewed())).toMatchObject({ status: 'succeeded' });
});

it('refuses a target that there is not, and an index that there is not', async () => {
  const target = (scope: 'plan' | 'phase' | 'task', name?: string) => reviewed({ scope, target: name });
  await expect(target('phase', '7')).rejects.toThrow('The plan has no phase 7.');
  await expect(target('task')).rejects.toThrow('Which task is to be reviewed?');
  await expect(target('plan', '1')).rejects.toThrow('has no target');
  await expect(applying(99)).rejects.toThrow('has no review 99');
  api.use([gives(REFINED)]);
  await expect(applying(await reviewed(), [3])).rejects.toThrow('has no suggestion 3; it has 0 to 2');
});
