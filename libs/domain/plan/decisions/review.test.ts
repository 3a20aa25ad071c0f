import {
  aPhase,
  aPlan,
  aRun,
  aSlice,
  aTask,
  aVerdict,
  anAttempt,
  anIntegration,
} from '#testing/plan-builder.js';
import { TASK_STATUSES } from '../task.machine.js';
import { decideReviewAgain } from './integration.js';
import { decideApproveReview, decideRejectReview, needsReview } from './review.js';
import { decideVerdict } from './verification.js';

const ids = () => 'new-id';
const attempt = anAttempt({ status: 'passed', candidateCommit: 'candidate', patchId: 'p1' });
const waiting = (over: Parameters<typeof aSlice>[0] = {}) => ({
  slice: aSlice({ phase: aPhase({ openTasks: 2 }), task: aTask({ status: 'awaiting_review' }), ...over }),
  attempt,
  integration: null,
  laneFree: true,
});
const again = anIntegration({ status: 'awaiting_review', patchId: 'p2', deliveries: 3 });

it.each([
  ['none', false],
  ['before_task', false],
  ['before_integration', true],
  ['both', true],
] as const)(
  'a diff of a phase with approval %s needs a person: %s; without autoCommit always',
  (approval, needs) => {
    expect(needsReview(aPlan(), approval)).toBe(needs);
    expect(needsReview(aPlan({ autoCommit: false }), approval)).toBe(true);
  },
);

describe('a verdict that passes a diff which needs a person', () => {
  const state = {
    slice: aSlice({
      plan: aPlan({ activeTasks: 1, status: 'pausing', pauseReason: 'user' }),
      task: aTask({ status: 'verifying' }),
      phase: aPhase({ openTasks: 2, approval: 'before_integration' }),
    }),
    attempt: anAttempt({ status: 'executed', candidateCommit: 'candidate' }),
    run: aRun(),
    integration: null,
    changed: true,
    judgedUnder: { specHash: null, mayChange: [] },
    patchId: 'p1',
    laneFree: true,
    nextInLane: null,
  };

  it('keeps its patch-id, asks, and gives the slot back: a pausing plan does not wait for people', () => {
    const { changes, effects } = decideVerdict(state, aVerdict('pass'), false, ids, 0);
    expect(changes).toMatchObject([
      { entity: 'run', to: 'passed' },
      { entity: 'attempt', to: 'passed', set: { patchId: 'p1' } },
      { entity: 'task', to: 'awaiting_review' },
      { entity: 'plan', to: 'paused' },
      { entity: 'counters', activeTasks: -1 },
    ]);
    expect(effects.map(({ kind }) => kind)).toEqual(['notify', 'notify']);
  });

  it('asks nobody when nothing changed', () => {
    const { changes } = decideVerdict({ ...state, changed: false }, aVerdict('pass'), false, ids, 0);
    expect(changes).toContainEqual(expect.objectContaining({ entity: 'task', to: 'completed' }));
  });
});

describe('approving a diff', () => {
  it('integrates it, and keeps which one it was', () => {
    const { changes, effects } = decideApproveReview(waiting(), 'ada', 'p1', ids);
    expect(changes).toMatchObject([
      { entity: 'task', to: 'integrating', set: { approvedBy: 'ada', approvedPatch: 'p1' } },
      { entity: 'new_integration', id: 'new-id', attemptId: 'attempt', candidateCommit: 'candidate' },
      { entity: 'counters', activeTasks: 1 },
    ]);
    expect(effects).toEqual([{ kind: 'deliver', stage: 'integrate', id: 'new-id', delivery: 1 }]);
  });

  it('queues the same integration again where the rebase had made another diff', () => {
    const { changes, effects } = decideApproveReview({ ...waiting(), integration: again }, 'ada', 'p2', ids);
    expect(changes).toMatchObject([
      { entity: 'task', set: { approvedPatch: 'p2' } },
      { entity: 'integration', from: 'awaiting_review', to: 'queued' },
      { entity: 'counters' },
    ]);
    expect(effects).toMatchObject([{ id: 'integration', delivery: 4 }]);
  });

  it('waits behind a busy lane, and wakes a paused plan up only for what it does', () => {
    const state = waiting({ plan: aPlan({ status: 'paused', pauseReason: 'user' }) });
    const { changes, effects } = decideApproveReview({ ...state, laneFree: false }, 'ada', undefined, ids);
    expect(changes).toContainEqual({ entity: 'plan', from: 'paused', to: 'pausing', set: {} });
    expect(effects).toEqual([]);
  });

  it('is refused for a diff that is not there any more', () => {
    expect(() => decideApproveReview({ ...waiting(), integration: again }, 'ada', 'p1', ids)).toThrow(
      'its patch-id is p2, not p1',
    );
  });

  it.each(TASK_STATUSES.filter((status) => status !== 'awaiting_review'))(
    'is refused when it is %s',
    (status) => {
      const state = waiting({ task: aTask({ status }) });
      expect(() => decideApproveReview(state, 'ada', undefined, ids)).toThrow(`Task 1.1 is ${status};`);
    },
  );
});

describe('rejecting a diff', () => {
  it('counts as an attempt, and tells the next one why', () => {
    expect(decideRejectReview(waiting(), 'too clever', 0).changes).toMatchObject([
      { entity: 'attempt', to: 'rejected', set: { failure: 'review_rejected', message: 'too clever' } },
      { entity: 'task', to: 'ready', set: { note: 'too clever' } },
    ]);
    const last = waiting({ task: aTask({ status: 'awaiting_review', maxAttempts: 1 }) });
    expect(decideRejectReview(last, 'no', 0).changes).toContainEqual(
      expect.objectContaining({ entity: 'task', to: 'failed', set: { note: 'no' } }),
    );
  });

  it('ends the integration that asked', () => {
    const { changes } = decideRejectReview({ ...waiting(), integration: again }, 'no', 0);
    expect(changes[0]).toMatchObject({ entity: 'integration', to: 'rejected', set: { message: 'no' } });
  });
});

it('a rebase that made another diff leaves the lane, passes it on and asks', () => {
  const landing = {
    slice: aSlice({ plan: aPlan({ activeTasks: 1 }), task: aTask({ status: 'integrating' }) }),
    attempt,
    integration: anIntegration({ status: 'merging', token: 1 }),
    nextInLane: { id: 'next', deliveries: 0 },
  };
  const { changes, effects } = decideReviewAgain(landing, { commit: 'rebased', patchId: 'p2' });
  expect(changes).toMatchObject([
    { entity: 'integration', to: 'awaiting_review', lease: 'clear', set: { patchId: 'p2' } },
    { entity: 'task', to: 'awaiting_review' },
    { entity: 'counters', activeTasks: -1 },
  ]);
  expect(effects).toMatchObject([{ stage: 'integrate', id: 'next' }, { kind: 'notify' }]);
});
