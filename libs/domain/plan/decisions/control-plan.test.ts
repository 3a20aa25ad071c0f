import { aPlan, aRun, aTask, anAttempt, anIntegration } from '#testing/plan-builder.js';
import type { Decision } from '../decision.js';
import { PLAN_STATUSES, type PlanStatus } from '../plan.machine.js';
import { TASK_STATUSES } from '../task.machine.js';
import { decidePause, decidePauseNow, decideResume, decideRetryTask } from './control-plan.js';
import { decideReject } from './reject-task.js';

const types = ({ events }: Decision) => events.map(({ type }) => type);
const others = (...allowed: PlanStatus[]) => PLAN_STATUSES.filter((status) => !allowed.includes(status));
const failed = aTask({ status: 'failed', attemptCount: 3 });

describe('pausing', () => {
  it('takes slots back that nobody has claimed, and rests when nothing is in flight', () => {
    const queued = [
      { task: aTask({ status: 'queued' }), attempt: anAttempt({ status: 'queued', token: 0 }) },
    ];
    const decision = decidePause(aPlan({ activeTasks: 1 }), queued, 'lunch');
    expect(decision.changes).toMatchObject([
      { entity: 'attempt', to: 'cancelled' },
      { entity: 'task', to: 'ready' },
      { entity: 'plan', to: 'pausing', set: { pauseReason: 'user', pauseNote: 'lunch' } },
      { entity: 'plan', to: 'paused' },
      { entity: 'counters', activeTasks: -1 },
    ]);
  });

  it('waits for what is in flight', () => {
    expect(types(decidePause(aPlan({ activeTasks: 2 }), [], null))).toEqual(['plan.pausing']);
  });

  it.each(others('running'))('is refused for a plan that is %s', (status) => {
    expect(() => decidePause(aPlan({ status }), [], null)).toThrow(`Plan 1 is ${status};`);
  });
});

describe('resuming', () => {
  it.each(['paused', 'pausing'] as const)('lets a plan go on that is %s', (status) => {
    expect(types(decideResume(aPlan({ status }), [], false))).toEqual(['plan.resumed']);
  });

  it('is refused while failed tasks block, and says which', () => {
    const plan = aPlan({ status: 'paused', number: 7 });
    const blocking = [failed, { ...failed, id: 'other', number: 4 }];
    expect(() => decideResume(plan, blocking, false)).toThrow('failed tasks (7.1, 7.4) block it');
    expect(types(decideResume(plan, blocking, true))).toEqual([
      'task.restarted',
      'task.restarted',
      'plan.resumed',
    ]);
  });

  it('is refused while its budget is used up, with the sentence that says how to raise it', () => {
    const plan = aPlan({ status: 'paused', pauseReason: 'budget', number: 7 });
    const overBudget = "The plan's budget of $5.00 is used up.";
    expect(() => decideResume(plan, [], false, null, overBudget)).toThrow(
      `Plan 7 would stop again at once. ${overBudget}`,
    );
    expect(types(decideResume(plan, [], false, null, null))).toEqual(['plan.resumed']);
  });

  it.each(others('paused', 'pausing'))('is refused for a plan that is %s', (status) => {
    expect(() => decideResume(aPlan({ status }), [], true)).toThrow(`Plan 1 is ${status};`);
  });
});

describe('retrying a task', () => {
  const paused = aPlan({ status: 'paused', pauseReason: 'task_failed' });

  it('waits for what an edit put before it', () => {
    const behind = aTask({ ...failed, openDependencies: 1 });
    const decision = decideRetryTask(paused, behind, false, {});
    expect(decision.changes[0]).toMatchObject({ entity: 'task', to: 'pending', set: { retryBase: 3 } });
  });

  it('starts afresh: attempts before no longer count', () => {
    const { changes } = decideRetryTask(paused, failed, false, {
      prompt: 'do it otherwise',
      executor: { kind: 'external' },
      note: 'by yourself',
    });
    expect(changes[0]).toMatchObject({
      to: 'ready',
      set: {
        retryBase: 3,
        prompt: 'do it otherwise',
        executor: { kind: 'external' },
        note: 'by yourself',
      },
    });
  });

  it.each(['task_failed', 'spec', 'approval'] as const)(
    'lets a plan go on that paused for %s',
    (pauseReason) => {
      expect(types(decideRetryTask({ ...paused, pauseReason }, failed, false, {}))).toEqual([
        'task.restarted',
        'plan.resumed',
      ]);
    },
  );

  it.each([
    ['a person paused it', { ...paused, pauseReason: 'user' as const }, false],
    ['another task failed too', paused, true],
  ])('leaves the plan paused when %s', (_, plan, othersFailed) => {
    expect(types(decideRetryTask(plan, failed, othersFailed, {}))).toEqual(['task.restarted']);
  });

  it.each(others('running', 'pausing', 'paused'))('is refused while the plan is %s', (status) => {
    expect(() => decideRetryTask(aPlan({ status }), failed, false, {})).toThrow(`Plan 1 is ${status};`);
  });

  it.each(TASK_STATUSES.filter((status) => status !== 'failed'))(
    'is refused for a task that is %s',
    (status) => {
      expect(() => decideRetryTask(paused, aTask({ status }), false, {})).toThrow(`Task 1.1 is ${status};`);
    },
  );
});

describe('rejecting a task', () => {
  it('fails it, and pauses the plan with the note', () => {
    const { changes } = decideReject(aPlan(), aTask({ status: 'awaiting_approval' }), [], 'too early');
    expect(changes).toMatchObject([
      { entity: 'task', to: 'failed' },
      { to: 'pausing', set: { pauseReason: 'approval', pauseNote: 'Task 1.1 was rejected: too early' } },
      { to: 'paused' },
    ]);
  });

  it.each(TASK_STATUSES.filter((status) => status !== 'awaiting_approval'))(
    'is refused when it is %s',
    (status) => {
      expect(() => decideReject(aPlan(), aTask({ status }), [], 'no')).toThrow(`Task 1.1 is ${status};`);
    },
  );
});

describe('pausing at once', () => {
  const work = {
    phases: [],
    tasks: [
      aTask({ status: 'executing' }),
      aTask({ id: 'v', status: 'verifying' }),
      aTask({ id: 'h', status: 'claimed' }),
    ],
    attempts: [
      anAttempt(),
      anAttempt({ id: 'b', taskId: 'v', status: 'executed' }),
      anAttempt({ id: 'c', taskId: 'h', byHand: true }),
    ],
    runs: [aRun()],
    integrations: [anIntegration()],
  };

  it('stops what workers execute, and takes everything else over into a new epoch', () => {
    expect(decidePauseNow(aPlan({ activeTasks: 2, epoch: 4 }), work, null).changes).toMatchObject([
      { entity: 'attempt', id: 'attempt', to: 'cancelled' },
      { entity: 'task', id: 'task', to: 'ready' },
      { entity: 'plan', to: 'pausing', set: { epoch: 5, pauseReason: 'user' } },
      { entity: 'adopt_epoch' },
      { entity: 'counters', activeTasks: -1 },
    ]);
  });

  it('stops a plan that pauses already, keeps its reason, and is nothing twice', () => {
    const plan = aPlan({ status: 'pausing', pauseReason: 'task_failed', activeTasks: 1 });
    const stopped = decidePauseNow(plan, { ...work, tasks: work.tasks.slice(0, 1) }, null);
    expect(stopped.changes).toContainEqual({
      entity: 'plan',
      from: 'pausing',
      to: 'pausing',
      set: { epoch: 2 },
    });
    expect(types(stopped)).toContain('plan.paused');
    expect(decidePauseNow(plan, { ...work, attempts: [] }, null).changes).toEqual([]);
  });

  it.each(others('running', 'pausing'))('is refused for a plan that is %s', (status) => {
    expect(() => decidePauseNow(aPlan({ status }), work, null)).toThrow(`Plan 1 is ${status};`);
  });
});
