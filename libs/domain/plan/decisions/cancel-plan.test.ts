import { aPhase, aPlan, aRun, aTask, anAttempt, anIntegration } from '#testing/plan-builder.js';
import { PLAN_STATUSES } from '../plan.machine.js';
import { decideCancel, decideCancelled, openIntent, type OpenWork } from './cancel-plan.js';

const CANCELLABLE = ['generating', 'running', 'pausing', 'paused', 'cancelling'];
const cancelling = aPlan({ status: 'cancelling', epoch: 2, activeTasks: 1 });
const integration = anIntegration({ status: 'pushing', token: 1, intentNewTip: 'new', intentOldTip: 'base' });

function open(over: Partial<OpenWork> = {}): OpenWork {
  return { phases: [], tasks: [], attempts: [], runs: [], integrations: [], ...over };
}

describe('beginning to cancel', () => {
  it.each(['running', 'pausing', 'paused'] as const)('gives a plan that is %s a new epoch', (status) => {
    const { changes, events } = decideCancel(aPlan({ status, epoch: 4 }), 'enough');
    expect(changes).toMatchObject([
      { entity: 'plan', from: status, to: 'cancelling', set: { epoch: 5 } },
      { entity: 'end_iterations', message: 'the plan was cancelled' },
    ]);
    expect(events).toEqual([{ type: 'plan.cancelling', payload: { note: 'enough' } }]);
  });

  it('ends a plan that is being generated at once: nothing of it is anywhere else', () => {
    const { changes, events } = decideCancel(aPlan({ status: 'generating' }), 'enough');
    expect(changes).toMatchObject([
      { entity: 'plan', from: 'generating', to: 'cancelled' },
      { entity: 'end_iterations', message: 'the plan was cancelled' },
    ]);
    expect(events).toMatchObject([{ type: 'plan.cancelled', payload: { note: 'enough' } }]);
  });

  it('changes nothing of a plan that is being cancelled', () => {
    expect(decideCancel(cancelling, null)).toEqual({ changes: [], events: [], effects: [] });
  });

  it.each(PLAN_STATUSES.filter((status) => !CANCELLABLE.includes(status)))('is refused for %s', (status) => {
    expect(() => decideCancel(aPlan({ status }), null)).toThrow(`Plan 1 is ${status};`);
  });
});

describe('the open intent', () => {
  it.each(['merging', 'verifying', 'verified', 'pushing'] as const)('is one of the lane: %s', (status) => {
    expect(openIntent(open({ integrations: [{ ...integration, status }] }))?.id).toBe('integration');
  });

  it('is none without an intent', () => {
    expect(
      openIntent(open({ integrations: [anIntegration({ status: 'merging' }), anIntegration()] })),
    ).toBeNull();
  });
});

describe('ending what is open', () => {
  it('guards rows by the epoch they have', () => {
    const { changes } = decideCancelled(
      cancelling,
      open({ tasks: [aTask({ status: 'executing' })], attempts: [anAttempt({ token: 3 })], runs: [aRun()] }),
      null,
    );
    expect(changes.filter((change) => 'token' in change)).toMatchObject([
      { entity: 'run', to: 'cancelled', epoch: 1, token: 1 },
      { entity: 'attempt', to: 'cancelled', epoch: 1, token: 3, set: { failure: 'cancelled' } },
    ]);
  });

  it('gives the slots back and ends the plan', () => {
    const work = open({ tasks: [aTask({ status: 'verifying' })], phases: [aPhase()] });
    const { changes } = decideCancelled(cancelling, work, null);
    expect(changes).toContainEqual({ entity: 'counters', activeTasks: -1, openPhases: 0 });
    expect(changes).toMatchObject([
      { entity: 'task', to: 'cancelled' },
      { entity: 'cancel_waiting' },
      { entity: 'phase', to: 'cancelled' },
      { entity: 'plan', from: 'cancelling', to: 'cancelled' },
      { entity: 'counters' },
    ]);
  });

  it.each([
    [1, 'completed'],
    [2, 'cancelled'],
  ])('completes what landed; its phase, with %i tasks open, is %s', (openTasks, phase) => {
    const work = open({
      tasks: [aTask({ status: 'integrating' })],
      attempts: [anAttempt({ status: 'passed' })],
      integrations: [integration],
      phases: [aPhase({ openTasks })],
    });
    const { changes, effects } = decideCancelled(cancelling, work, { integration, verified: true });
    expect(changes).toMatchObject([
      { entity: 'cancel_waiting' },
      { entity: 'integration', to: 'landed', epoch: 1 },
      { entity: 'tip', from: 'base', to: 'new' },
      { entity: 'task', to: 'completed', set: { commitSha: 'new', verified: true } },
      { entity: 'open_tasks', delta: -1 },
      { entity: 'release_dependants' },
      { entity: 'phase', to: phase },
      { entity: 'plan', to: 'cancelled' },
      { entity: 'counters', activeTasks: -1 },
    ]);
    expect(effects.filter(({ kind }) => kind !== 'notify')).toEqual([{ kind: 'publish' }]);
  });

  it('is satisfied by an intent that had nothing left to push', () => {
    const nothing = { ...integration, intentNewTip: 'base' };
    const work = open({ tasks: [aTask({ status: 'integrating' })], integrations: [nothing] });
    const { changes } = decideCancelled(cancelling, work, { integration: nothing, verified: false });
    expect(changes).toContainEqual(expect.objectContaining({ entity: 'task', to: 'satisfied' }));
    expect(changes.some(({ entity }) => entity === 'tip')).toBe(false);
  });
});
