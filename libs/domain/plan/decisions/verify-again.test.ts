import { aPhase, aPlan, aSlice, aTask, anAttempt } from '#testing/plan-builder.js';
import { ATTEMPT_STATUSES } from '../attempt.machine.js';
import type { Decision } from '../decision.js';
import { TASK_STATUSES } from '../task.machine.js';
import { decideVerifyAgain, type AgainState } from './verify-again.js';

const turnedDown = anAttempt({ status: 'rejected', baseCommit: 'base', candidateCommit: 'mine' });

function state(over: Partial<AgainState> = {}, task: Parameters<typeof aTask>[0] = {}): AgainState {
  const slice = aSlice({
    plan: aPlan({ status: 'paused', pauseReason: 'task_failed' }),
    phase: aPhase({ openTasks: 2 }),
    task: aTask({ status: 'failed', ...task }),
  });
  return { slice, attempt: turnedDown, integration: null, specHash: 'new', othersFailed: false, ...over };
}

const decide = (of: AgainState): Decision => decideVerifyAgain(of, () => 'new-id');

it('opens the attempt again, with no failure to its name and the spec pinned anew', () => {
  const { changes, events, effects } = decide(state());
  const set = { failure: null, message: null, violationCount: null, specHash: 'new' };
  expect(changes).toMatchObject([
    { entity: 'plan', to: 'running' },
    { entity: 'attempt', from: 'rejected', to: 'executed', set },
    { entity: 'task', from: 'failed', to: 'verifying', set: {} },
    { entity: 'new_run', id: 'new-id', commit: 'mine', baseCommit: 'base', integrationId: null },
    { entity: 'counters', activeTasks: 1 },
  ]);
  expect(events.map(({ type }) => type)).toEqual(['plan.resumed', 'attempt.reopened']);
  expect(effects).toMatchObject([{ stage: 'verify', id: 'new-id' }]);
});

it('leaves a plan paused that has other reasons, until this came to its end', () => {
  const { changes } = decide(state({ othersFailed: true }));
  expect(changes).toContainEqual(expect.objectContaining({ entity: 'plan', to: 'pausing' }));
});

it('is as good for an attempt that could not be decided, and for a task that is ready again', () => {
  const attempt = { ...turnedDown, status: 'inconclusive' as const };
  expect(decide(state({ attempt }, { status: 'ready' })).changes).toContainEqual(
    expect.objectContaining({ entity: 'attempt', from: 'inconclusive', to: 'executed' }),
  );
});

it.each(TASK_STATUSES.filter((status) => status !== 'failed' && status !== 'ready'))(
  'is refused for a task that is %s',
  (status) => {
    expect(() => decide(state({}, { status }))).toThrow(`Task 1.1 is ${status};`);
  },
);

it.each(ATTEMPT_STATUSES.filter((status) => status !== 'rejected' && status !== 'inconclusive'))(
  'is refused when the last attempt is %s',
  (status) => {
    expect(() => decide(state({ attempt: { ...turnedDown, status } }))).toThrow('no candidate');
  },
);

it('is refused without an attempt, of an epoch before, behind what is open, and before the plan starts', () => {
  expect(() => decide(state({ attempt: null }))).toThrow('no candidate');
  expect(() => decide(state({ attempt: { ...turnedDown, epoch: 0 } }))).toThrow(
    'before the plan was stopped',
  );
  expect(() => decide(state({}, { openDependencies: 1 }))).toThrow('depends on what is not done');
  const ready = state();
  const slice = { ...ready.slice, plan: aPlan({ status: 'ready' }) };
  expect(() => decide({ ...ready, slice })).toThrow('which is ready');
});
