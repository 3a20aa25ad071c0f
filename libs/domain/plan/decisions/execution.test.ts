import { aPhase, aPlan, aSlice, aTask, anAttempt } from '#testing/plan-builder.js';
import { decideAttemptFailed, decideSameInput, decideStepDone } from './execution.js';

const running = (over = {}) =>
  aSlice({
    plan: aPlan({ activeTasks: 1 }),
    task: aTask({ status: 'executing', effect: 'none' }),
    phase: aPhase({ openTasks: 2 }),
    ...over,
  });

it('a task without a change is done in one step: no run, no commit, nothing verified', () => {
  const { changes, effects } = decideStepDone(running(), anAttempt(), { output: 'o', result: { n: 1 } });
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

it('a quota parks the task until it is there again, and costs no attempt', () => {
  const failed = { failure: 'quota', message: 'used up', retryAfterMs: 3_600_000 } as const;
  const task = aTask({ status: 'executing', maxAttempts: 1 });
  expect(decideAttemptFailed(running({ task }), anAttempt(), failed, 0).changes).toContainEqual(
    expect.objectContaining({ entity: 'task', to: 'ready', set: { notBeforeMs: 3_600_000 } }),
  );
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
