import { aPhase, aPlan, aRun, aSlice, aTask, aVerdict, anAttempt } from '#testing/plan-builder.js';
import type { Decision } from '../decision.js';
import { TASK_STATUSES, type TaskStatus } from '../task.machine.js';
import * as hands from './by-hand.js';
import { decideVerdict } from './verification.js';

const ids = () => 'new-id';
const held = anAttempt({ byHand: true, token: 0 });
const hand = (task: Parameters<typeof aTask>[0], over: Parameters<typeof aSlice>[0] = {}) => ({
  slice: aSlice({ phase: aPhase({ openTasks: 2 }), ...over, task: aTask(task) }),
  attempt: task?.status === 'claimed' ? held : null,
  othersFailed: false,
});
const moves = ({ changes }: Decision) =>
  changes.flatMap((change) => ('to' in change ? [`${change.entity} ${change.to}`] : []));
const allBut = (...allowed: TaskStatus[]) => TASK_STATUSES.filter((status) => !allowed.includes(status));

describe('claiming', () => {
  it('makes an attempt of a person, on the tip', () => {
    const state = hand({ attemptCount: 1 }, { plan: aPlan({ tipCommit: 'tip' }) });
    const attempt = { number: 2, status: 'running', byHand: true, actorId: 'ada', baseCommit: 'tip' };
    expect(hands.decideClaimTask(state, 'ada', ids).changes).toMatchObject([
      { entity: 'task', to: 'claimed', set: { attemptCount: 2 } },
      { entity: 'new_attempt', ...attempt },
    ]);
  });

  it('of a failed task lets the plan go on that paused for it, and begins afresh', () => {
    const plan = aPlan({ status: 'paused', pauseReason: 'task_failed' });
    const state = hand({ status: 'failed', attemptCount: 3 }, { plan });
    expect(hands.decideClaimTask(state, 'ada', ids).changes).toMatchObject([
      { entity: 'plan', to: 'running' },
      { entity: 'task', to: 'claimed', set: { retryBase: 3 } },
      { entity: 'new_attempt' },
    ]);
    const others = hands.decideClaimTask({ ...state, othersFailed: true }, 'ada', ids);
    expect(moves(others)).toEqual(['task claimed']);
  });

  it.each(allBut('ready', 'failed', 'awaiting_approval'))('is refused when it is %s', (status) => {
    expect(() => hands.decideClaimTask(hand({ status }), 'ada', ids)).toThrow(`Task 1.1 is ${status};`);
  });
});

it.each([
  [hand({ status: 'pending' }), 'planwright explain 1.1'],
  [hand({}, { plan: aPlan({ status: 'ready' }) }), 'planwright execute 1'],
  [hand({}, { plan: aPlan({ status: 'completed' }) }), 'planwright show 1'],
])('what is refused for its state says what to do: %#', (state, next) => {
  expect(() => hands.decideClaimTask(state, 'ada', ids)).toThrow(
    expect.objectContaining({ code: 'conflict', remedy: expect.stringContaining(next) as unknown }),
  );
});

it('a claimed task is given back, or given up with a note that counts', () => {
  const claimed = hand({ status: 'claimed', maxAttempts: 1 });
  expect(moves(hands.decideReleaseTask(claimed, null))).toEqual(['attempt cancelled', 'task ready']);
  const failed = hands.decideFailTask(claimed, 'no way', 0);
  expect(moves(failed)).toEqual(['attempt errored', 'task failed', 'plan pausing', 'plan paused']);
  expect(failed.changes).toContainEqual(expect.objectContaining({ to: 'failed', set: { note: 'no way' } }));
});

describe('a claim with a lease', () => {
  const leased = { ...hand({ status: 'claimed' }), attempt: { ...held, leaseSeconds: 60 } };

  it('is known by its length, in the attempt and in the event', () => {
    const { changes, events } = hands.decideClaimTask(hand({}), 'ada', ids, 60);
    expect(changes).toContainEqual(expect.objectContaining({ entity: 'new_attempt', leaseSeconds: 60 }));
    expect(events).toMatchObject([{ type: 'task.claimed', payload: { leaseSeconds: 60 } }]);
  });

  it('that is abandoned leaves the task as if nobody had claimed it', () => {
    const decision = hands.decideAbandoned(leased);
    expect(moves(decision)).toEqual(['attempt lost', 'task ready']);
    expect(decision.changes).toContainEqual(
      expect.objectContaining({
        to: 'lost',
        set: expect.objectContaining({ failure: 'cancelled' }) as unknown,
      }),
    );
    expect(decision.events).toMatchObject([{ type: 'task.abandoned', payload: { attempt: 1 } }]);
  });

  it('is ended by its token alone, or given back by anybody', () => {
    const end = (token?: string) => () => hands.decideCompleteByHand(leased, 'done', token);
    expect(end()).toThrow('no token is named');
    expect(end('another')).toThrow('not by the claim that is named');
    expect(end(held.id)).not.toThrow();
    expect(() => hands.decideFailTask(leased, 'no', 0)).toThrow('no token is named');
    expect(() => hands.requireSubmittable(leased)).toThrow('no token is named');
    expect(() => hands.decideReleaseTask(leased, null)).not.toThrow();
    expect(() => hands.decideReleaseTask(leased, null, 'another')).toThrow('not by the claim');
  });

  it('is over where its token names nothing', () => {
    expect(() => hands.requireSubmittable(hand({}), held.id)).toThrow('is ready, and not by the claim');
  });
});

describe('completing by hand', () => {
  it('needs no commit, is not verified, keeps the note and releases what depends on it', () => {
    const decision = hands.decideCompleteByHand(hand({ status: 'claimed' }), 'in the console');
    const set = { commitSha: null, verified: false, note: 'in the console' };
    expect(moves(decision)).toEqual(['attempt passed', 'task completed']);
    expect(decision.changes).toContainEqual(expect.objectContaining({ to: 'completed', set }));
    expect(decision.changes).toContainEqual({ entity: 'release_dependants', taskId: 'task' });
  });

  it.each(allBut('ready', 'awaiting_approval', 'claimed', 'failed'))('is refused when it is %s', (status) => {
    expect(() => hands.decideCompleteByHand(hand({ status }), 'done')).toThrow(`Task 1.1 is ${status};`);
  });
});

describe('handing in', () => {
  const handed = { commit: 'mine', base: 'tip', attemptId: 'attempt' };

  it('verifies the claimed attempt', () => {
    const { changes, effects } = hands.decideSubmit(hand({ status: 'claimed' }), handed, 'ada', ids);
    expect(changes).toMatchObject([
      { entity: 'attempt', to: 'executed', set: { candidateCommit: 'mine', baseCommit: 'tip' } },
      { entity: 'task', to: 'verifying' },
      { entity: 'new_run', commit: 'mine', baseCommit: 'tip', integrationId: null },
      { entity: 'counters', activeTasks: 1 },
    ]);
    expect(effects).toMatchObject([{ stage: 'verify', id: 'new-id' }]);
  });

  it('of a task that nobody had makes its attempt', () => {
    const { changes } = hands.decideSubmit(hand({ attemptCount: 2 }), handed, 'ada', ids);
    const attempt = { number: 3, status: 'executed', byHand: true, candidateCommit: 'mine' };
    expect(changes).toContainEqual(expect.objectContaining({ entity: 'new_attempt', ...attempt }));
  });

  it('in a paused plan comes to its end; nothing else begins', () => {
    const plan = aPlan({ status: 'paused', pauseReason: 'user' });
    expect(moves(hands.decideSubmit(hand({}, { plan }), handed, 'ada', ids))).toContain('plan pausing');
  });

  it('is refused for a task without a change', () => {
    const state = hand({ effect: 'none' });
    expect(() => hands.decideSubmit(state, handed, 'ada', ids)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('changes no file') as unknown,
        remedy: expect.stringContaining('planwright complete 1.1') as unknown,
      }),
    );
  });

  it.each([
    ['external', 'ready'],
    ['command', 'failed'],
  ] as const)('and rejected by the verdict, leaves a task of kind %s %s', (executorKind, expected) => {
    const { slice } = hand({ status: 'verifying', executorKind }, { plan: aPlan({ activeTasks: 1 }) });
    const attempt = anAttempt({ status: 'executed', byHand: true });
    const judgedUnder = { specHash: null, mayChange: [] };
    const shown = { changed: true, judgedUnder, patchId: null, laneFree: true, nextInLane: null };
    const state = { slice, attempt, run: aRun(), integration: null, ...shown };
    const { changes } = decideVerdict(state, aVerdict('fail'), false, ids, 0);
    const note = expect.stringContaining('the verdict is fail') as unknown;
    expect(changes).toContainEqual(expect.objectContaining({ to: expected, set: { note } }));
  });
});
