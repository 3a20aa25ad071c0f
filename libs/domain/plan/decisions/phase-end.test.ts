import { aPhase, aPlan, aSlice, aTask } from '#testing/plan-builder.js';
import type { Decision } from '../decision.js';
import { PHASE_STATUSES } from '../phase.machine.js';
import { decideCompleteByHand } from './by-hand.js';
import { decideResume } from './control-plan.js';
import { decideApprovePhase, decideEndPhase, decideRejectPhase } from './phase-end.js';
import { decideStuck } from './stuck.js';

const next = aPhase({ id: 'next', position: 2, status: 'pending' });
const asked = {
  plan: aPlan(),
  phase: aPhase({ status: 'awaiting_approval', openTasks: 0 }),
  nextPhase: next,
};
const types = ({ events }: Decision) => events.map(({ type }) => type);
const lastTaskOf = (over: object, plan = aPlan()) => {
  const slice = aSlice({ plan, task: aTask(), phase: aPhase(over), nextPhase: next });
  return types(decideCompleteByHand({ slice, attempt: null, othersFailed: false }, 'done')).slice(1);
};

describe('after the last task of a phase', () => {
  it.each([
    ['continue', ['phase.completed', 'phase.started']],
    ['approve', ['phase.awaiting_approval']],
    ['pause', ['phase.completed', 'plan.pausing', 'plan.paused']],
  ] as const)('that says %s comes %j', (atEnd, expected) => {
    expect(lastTaskOf({ atEnd })).toEqual(expected);
  });

  it.each([
    ['continue', ['phase.completed', 'phase.started']],
    ['approve', ['phase.awaiting_approval']],
    ['pause', ['phase.completed', 'plan.pausing', 'plan.paused']],
  ] as const)('that says %s comes the same when an edit took it away', (atEnd, expected) => {
    const emptied = aPhase({ atEnd, openTasks: 0 });
    expect(types(decideEndPhase({ plan: aPlan(), phase: emptied, nextPhase: next }))).toEqual(expected);
  });

  it('resuming ends a plan of which an edit deleted every phase that was left', () => {
    const plan = aPlan({ status: 'paused', pauseReason: 'after_phase', openPhases: 0 });
    expect(types(decideResume(plan, [], false))).toEqual(['plan.resumed', 'plan.completed']);
  });

  it('a plan that pauses already keeps its reason, and the next phase is not opened', () => {
    const pausing = aPlan({ status: 'pausing', pauseReason: 'user' });
    expect(lastTaskOf({ atEnd: 'pause' }, pausing)).toEqual(['phase.completed', 'plan.paused']);
  });

  it('resuming opens the phase that the plan paused before', () => {
    const decision = decideResume(aPlan({ status: 'paused', pauseReason: 'after_phase' }), [], false, next);
    expect(types(decision)).toEqual(['plan.resumed', 'phase.started']);
  });
});

describe('a reviewer', () => {
  it('lets the next phase start', () => {
    const expected = ['phase.approved', 'phase.completed', 'phase.started'];
    expect(types(decideApprovePhase(asked, false))).toEqual(expected);
  });

  it.each(['running', 'paused'] as const)('lets a plan that is %s end after the last one', (status) => {
    const plan = aPlan({ status, pauseReason: 'user' });
    const decision = decideApprovePhase({ ...asked, plan, nextPhase: null }, false);
    expect(types(decision)).toEqual(['phase.approved', 'phase.completed', 'plan.completed']);
  });

  it('lets a plan go on that paused when the phase was rejected, unless a task failed', () => {
    const rejected = { ...asked, plan: aPlan({ status: 'paused', pauseReason: 'approval' }) };
    expect(types(decideApprovePhase(rejected, false))).toContain('plan.resumed');
    expect(types(decideApprovePhase(rejected, true))).not.toContain('plan.resumed');
  });

  it('rejects it: the plan pauses with the note, and the phase goes on waiting', () => {
    const pauseNote = expect.stringContaining('not yet') as unknown;
    expect(decideRejectPhase(asked, [], 'not yet').changes).toMatchObject([
      { entity: 'plan', to: 'pausing', set: { pauseReason: 'approval', pauseNote } },
      { entity: 'plan', to: 'paused' },
    ]);
  });

  it.each(PHASE_STATUSES.filter((status) => status !== 'awaiting_approval'))(
    'is not asked about a phase that is %s',
    (status) => {
      expect(() => decideApprovePhase({ ...asked, phase: aPhase({ status }) }, false)).toThrow(
        `is ${status}`,
      );
    },
  );
});

it('a phase in which everything is blocked pauses the plan and says what to do', () => {
  const pauseNote = expect.stringContaining('Skip them too') as unknown;
  expect(decideStuck(aPlan(), aPhase()).changes[0]).toMatchObject({
    set: { pauseReason: 'task_failed', pauseNote },
  });
});
