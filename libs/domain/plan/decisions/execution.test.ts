import { aPhase, aPlan, aSlice, aTask, anAttempt } from '#testing/plan-builder.js';
import { decideAttemptFailed, decideSameInput, decideStepsDone } from './execution.js';

const running = (over = {}) =>
  aSlice({
    plan: aPlan({ activeTasks: 1 }),
    task: aTask({ status: 'executing', effect: 'none' }),
    phase: aPhase({ openTasks: 2 }),
    ...over,
  });

it('a task without a change is done in one step: no run, no commit, nothing verified', () => {
  const slice = running();
  const step = { slice, attempt: anAttempt(), done: { output: 'o', result: { n: 1 } } };
  const { changes, effects } = decideStepsDone(slice.plan, [step]);
  expect(changes).toMatchObject([
    {
      entity: 'attempt',
      from: 'running',
      to: 'passed',
      lease: 'clear',
      set: { output: 'o', result: { n: 1 } },
    },
    { entity: 'task', from: 'executing', to: 'completed', set: { commitSha: null } },
    { entity: 'open_tasks' },
    { entity: 'release_dependants' },
    { entity: 'counters', activeTasks: -1 },
  ]);
  expect(effects).toEqual([]);
});

it('the last of several steps that ended together ends their phase', () => {
  const slice = running();
  const steps = ['a', 'b'].map((id) => ({
    slice: { ...slice, task: { ...slice.task, id } },
    attempt: anAttempt({ id: `attempt ${id}`, taskId: id }),
    done: { output: '', result: null },
  }));
  const { changes, events } = decideStepsDone({ ...slice.plan, activeTasks: 2 }, steps);
  expect(changes).toContainEqual(expect.objectContaining({ entity: 'phase', to: 'completed' }));
  expect(changes).toContainEqual({ entity: 'counters', activeTasks: -2, openPhases: -1 });
  expect(events.map(({ type }) => type)).toEqual([
    'task.completed',
    'task.completed',
    'phase.completed',
    'plan.completed',
  ]);
});

it('a quota parks the task until it is there again, and costs no attempt', () => {
  const failed = { failure: 'quota', message: 'used up', retryAfterMs: 3_600_000 } as const;
  const task = aTask({ status: 'executing', maxAttempts: 1 });
  expect(decideAttemptFailed(running({ task }), anAttempt(), failed, 0).changes).toContainEqual(
    expect.objectContaining({ entity: 'task', to: 'ready', set: { notBeforeMs: 3_600_000 } }),
  );
});

const over = { failure: 'budget', message: 'The budget of $1.00 is used up.' } as const;

it('an attempt that used up its budget leaves its task waiting, and the plan pauses and says so', () => {
  const plan = aPlan({ activeTasks: 1 });
  const slice = aSlice({ plan, task: aTask({ status: 'executing', attemptCount: 1 }) });
  const { changes, events } = decideAttemptFailed(slice, anAttempt(), over, 0);
  expect(changes).toMatchObject([
    { entity: 'attempt', to: 'errored', set: { failure: 'budget' } },
    { entity: 'task', to: 'ready', set: {} },
    {
      entity: 'plan',
      to: 'pausing',
      set: { pauseReason: 'budget', pauseNote: 'Task 1.1: The budget of $1.00 is used up.' },
    },
    { entity: 'plan', to: 'paused' },
    { entity: 'counters', activeTasks: -1 },
  ]);
  expect(events.map(({ type }) => type)).toEqual([
    'attempt.failed',
    'task.parked',
    'plan.pausing',
    'plan.paused',
  ]);
});

it('one that used up its budget while the plan pauses already leaves it its first reason', () => {
  const plan = aPlan({ status: 'pausing', pauseReason: 'user', activeTasks: 1 });
  const { changes } = decideAttemptFailed(
    aSlice({ plan, task: aTask({ status: 'executing' }) }),
    anAttempt(),
    over,
    0,
  );
  expect(changes.filter(({ entity }) => entity === 'plan')).toEqual([
    { entity: 'plan', from: 'pausing', to: 'paused', set: {} },
  ]);
});

it('a plan that does not fit pauses with what was found', () => {
  const failed = { failure: 'needs_replan', message: 'there is no such module' } as const;
  expect(decideAttemptFailed(running(), anAttempt(), failed, 0).changes).toContainEqual(
    expect.objectContaining({
      entity: 'plan',
      set: { pauseReason: 'needs_replan', pauseNote: 'Task 1.1: there is no such module' },
    }),
  );
});

describe('an input that was rejected before', () => {
  const queued = { task: aTask({ status: 'queued', number: 4 }) };
  const attempt = anAttempt({ status: 'queued', number: 3, token: 0 });

  it('is not tried again: the attempt costs nothing, the task fails, the plan pauses with the reason', () => {
    const why = "the input is the same as attempt 2's, which was rejected";
    expect(decideSameInput(running(queued), attempt, 2)?.changes).toMatchObject([
      { entity: 'attempt', to: 'cancelled', token: 0, set: { failure: 'cancelled', message: why } },
      { entity: 'task', from: 'queued', to: 'failed' },
      { entity: 'plan', to: 'pausing', set: { pauseReason: 'task_failed', pauseNote: `Task 1.4: ${why}.` } },
      { entity: 'plan', to: 'paused' },
      { entity: 'counters', activeTasks: -1 },
    ]);
  });

  it.each([
    ['the plan does not run', { plan: aPlan({ status: 'pausing' }) }, attempt],
    ['somebody has it', {}, anAttempt({ status: 'running' })],
    ['it is of an old epoch', { plan: aPlan({ epoch: 2 }) }, attempt],
  ])('is left alone when %s', (_, over, of) => {
    expect(decideSameInput(running({ ...queued, ...over }), of, 2)).toBeNull();
  });
});
