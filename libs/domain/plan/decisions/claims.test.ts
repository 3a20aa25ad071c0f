import {
  aPhase,
  aPlan,
  aRun,
  aSlice,
  aTask,
  aVerdict,
  aWaiter,
  anAttempt,
  anIntegration,
} from '#testing/plan-builder.js';
import type { Decision } from '../decision.js';
import { INTEGRATION_STATUSES } from '../integration.machine.js';
import { PLAN_STATUSES } from '../plan.machine.js';
import { decideApprove } from './approve-task.js';
import { decideClaimAttempt } from './execution.js';
import { decideClaimIntegration, decideIntegrationFailed, decideLanded } from './integration.js';
import { decideStart } from './start-plan.js';
import { decideClaimRun, decideVerdict } from './verification.js';

const PIN = { specHash: null, input: {}, inputHash: 'h' };
const deliveries = ({ effects }: Decision) => effects.filter((effect) => effect.kind === 'deliver');
const ids = () => 'new-id';

describe('claiming an attempt', () => {
  const claim = (plan = aPlan(), attempt = anAttempt({ status: 'queued', token: 0 })) =>
    decideClaimAttempt(plan, aTask({ status: 'queued' }), attempt, PIN);

  it('takes a lease and pins the tip that the plan has now as its base', () => {
    expect(claim(aPlan({ tipCommit: 'tip' }))?.changes).toMatchObject([
      { entity: 'attempt', token: 0, lease: 'take', to: 'running', set: { baseCommit: 'tip', ...PIN } },
      { entity: 'task', from: 'queued', to: 'executing' },
    ]);
  });

  it.each(PLAN_STATUSES.filter((status) => status !== 'running'))(
    'does nothing while the plan is %s',
    (status) => {
      expect(claim(aPlan({ status }))).toBeNull();
    },
  );

  it.each(['running', 'executed', 'cancelled', 'lost'] as const)(
    'does nothing when the attempt is %s',
    (status) => {
      expect(claim(aPlan(), anAttempt({ status }))).toBeNull();
    },
  );

  it('does nothing for an attempt of an old epoch', () => {
    expect(claim(aPlan({ epoch: 2 }))).toBeNull();
  });
});

describe('claiming a verification run', () => {
  it('takes one that is queued, or whose lease is over', () => {
    expect(decideClaimRun(aPlan(), aRun({ status: 'queued' }), false)).not.toBeNull();
    expect(decideClaimRun(aPlan(), aRun({ status: 'running' }), true)?.changes).toMatchObject([
      { from: 'running', to: 'running', lease: 'take' },
    ]);
  });

  it('leaves one that is held, has ended, or is of an old epoch', () => {
    expect(decideClaimRun(aPlan(), aRun({ status: 'running' }), false)).toBeNull();
    expect(decideClaimRun(aPlan(), aRun({ status: 'passed' }), true)).toBeNull();
    expect(decideClaimRun(aPlan({ epoch: 2 }), aRun({ status: 'queued' }), false)).toBeNull();
  });

  it.each(['pausing', 'paused'] as const)('goes on while the plan is %s', (status) => {
    expect(decideClaimRun(aPlan({ status }), aRun({ status: 'queued' }), false)).not.toBeNull();
  });
});

describe('claiming the lane', () => {
  const claims = (holder: string | null, expired: boolean) =>
    INTEGRATION_STATUSES.filter(
      (status) => decideClaimIntegration(aPlan(), anIntegration({ status }), holder, expired) !== null,
    );

  it('is possible for a queued integration when nobody holds the lane, and for a verified one', () => {
    expect(claims(null, false)).toEqual(['queued', 'verified']);
  });

  it('is not possible for a queued one behind another', () => {
    expect(claims('other', false)).toEqual(['verified']);
  });

  it('is possible for one that is merging or pushing only when its lease is over', () => {
    expect(claims('integration', true)).toEqual(['merging', 'verified', 'pushing']);
  });

  it('is not possible for one of an old epoch', () => {
    expect(decideClaimIntegration(aPlan({ epoch: 2 }), anIntegration(), null, true)).toBeNull();
  });

  it('passes to the next waiter with a fresh delivery when it lands or fails', () => {
    const slice = aSlice({
      plan: aPlan({ activeTasks: 1 }),
      task: aTask({ status: 'integrating' }),
      phase: aPhase({ openTasks: 2 }),
    });
    const landing = {
      slice,
      attempt: anAttempt({ status: 'passed' }),
      integration: anIntegration({ status: 'pushing' }),
      nextInLane: aWaiter({ id: 'w', deliveries: 2 }),
    };
    const next = { kind: 'deliver', stage: 'integrate', id: 'w', delivery: 3 };
    expect(deliveries(decideLanded(landing, 'new', false))).toEqual([next]);
    const merging = { ...landing, integration: anIntegration({ status: 'merging' }) };
    expect(deliveries(decideIntegrationFailed(merging, { failure: 'conflict', message: 'm' }, 0))).toEqual([
      next,
    ]);
  });

  it('that finds nothing left to land satisfies the task and does not move the tip', () => {
    const slice = aSlice({
      plan: aPlan({ activeTasks: 1, tipCommit: 'tip' }),
      task: aTask({ status: 'integrating' }),
      phase: aPhase({ openTasks: 2 }),
    });
    const landing = {
      slice,
      attempt: anAttempt({ status: 'passed' }),
      integration: anIntegration({ status: 'pushing' }),
      nextInLane: null,
    };
    const { changes } = decideLanded(landing, 'tip', false);
    expect(changes.some(({ entity }) => entity === 'tip')).toBe(false);
    expect(changes).toContainEqual(expect.objectContaining({ entity: 'task', to: 'satisfied' }));
  });
});

describe('a verdict', () => {
  const state = (changed: boolean) => ({
    slice: aSlice({
      plan: aPlan({ activeTasks: 1 }),
      task: aTask({ status: 'verifying' }),
      phase: aPhase({ openTasks: 2 }),
    }),
    attempt: anAttempt({ status: 'executed', candidateCommit: 'candidate' }),
    run: aRun(),
    integration: null,
    changed,
    judgedUnder: { specHash: 'h', mayChange: ['docs/**'] },
    patchId: null,
    laneFree: true,
    nextInLane: null,
  });
  const taskAfter = ({ changes }: Decision) =>
    changes.flatMap((change) => (change.entity === 'task' ? [change.to] : []));

  it.each([
    ['pass', true, 'integrating'],
    ['pass', false, 'completed'],
    ['satisfied', false, 'satisfied'],
    ['fail', true, 'ready'],
    ['inconclusive', true, 'failed'],
  ] as const)(
    '%s of a candidate that changed something (%s) makes the task %s',
    (outcome, changed, expected) => {
      expect(taskAfter(decideVerdict(state(changed), aVerdict(outcome), false, ids, 0))).toEqual([expected]);
    },
  );

  it('delivers the integration at once only when the lane is free', () => {
    expect(deliveries(decideVerdict(state(true), aVerdict('pass'), false, ids, 0))).toHaveLength(1);
    expect(
      deliveries(decideVerdict({ ...state(true), laneFree: false }, aVerdict('pass'), false, ids, 0)),
    ).toEqual([]);
  });

  it('that is inconclusive pauses the plan for its spec', () => {
    const { changes } = decideVerdict(state(true), aVerdict('inconclusive'), false, ids, 0);
    expect(changes).toContainEqual(
      expect.objectContaining({
        entity: 'plan',
        to: 'pausing',
        set: expect.objectContaining({ pauseReason: 'spec' }) as unknown,
      }),
    );
  });

  it('about a protected path is a failure of its own', () => {
    const verdict = aVerdict('fail', {
      violations: [{ rule: 'protected-path', severity: 'critical', message: 'm' }],
    });
    const { changes } = decideVerdict(state(true), verdict, false, ids, 0);
    expect(changes).toContainEqual(
      expect.objectContaining({
        entity: 'attempt',
        to: 'rejected',
        set: expect.objectContaining({ failure: 'protected_path' }) as unknown,
      }),
    );
  });
});

describe('what a person asks for', () => {
  it.each(PLAN_STATUSES.filter((status) => status !== 'ready'))(
    'a plan that is %s cannot start, and the refusal says so',
    (status) => {
      expect(() => decideStart(aPlan({ status }), aPhase({ status: 'pending' }))).toThrow(
        `Plan 1 is ${status}`,
      );
    },
  );

  it('a task that does not wait for an approval cannot be approved', () => {
    expect(() => decideApprove(aPlan(), aTask({ status: 'executing' }), 'me')).toThrow(
      'Task 1.1 is executing',
    );
  });
});
