import { aPlan } from '#testing/plan-builder.js';
import type { OpenDelivery } from '../delivery.js';
import { PLAN_STATUSES } from '../plan.machine.js';
import {
  decideDelivered,
  decideDelivery,
  decideDeliveryConflict,
  decideDeliveryJudged,
  decideDeliveryMerged,
  decideTargetMoved,
  MAX_ROUNDS,
  requireDeliverable,
} from './deliver.js';

const completed = aPlan({ status: 'completed' });
const open = (over: Partial<OpenDelivery> = {}): OpenDelivery => ({
  id: 'd',
  number: 1,
  way: 'merge',
  status: 'delivering',
  token: 3,
  tries: 1,
  rounds: 0,
  targetBranch: 'main',
  tipCommit: 'tip',
  targetCommit: 'target',
  commit: 'merge',
  executor: null,
  actorId: 'ada',
  createdAt: new Date(0),
  ...over,
});
const asked = { id: 'd', way: 'merge', targetBranch: 'main', executor: null } as const;

test.each(PLAN_STATUSES.filter((status) => status !== 'completed'))(
  'a plan that is %s is not delivered',
  (status) => {
    expect(() => requireDeliverable(aPlan({ status }))).toThrow(`is ${status}; only a completed plan`);
  },
);

test('the same asked twice is one delivery; another one is refused while it is under way', () => {
  expect(decideDelivery(completed, null, asked)).toMatchObject({
    changes: [{ entity: 'new_delivery', id: 'd', tipCommit: completed.tipCommit }],
    events: [{ type: 'delivery.started' }],
  });
  expect(decideDelivery(completed, open(), asked)).toEqual({ changes: [], events: [], effects: [] });
  for (const other of [{ way: 'print' }, { targetBranch: 'next' }] as const)
    expect(() => decideDelivery(completed, open(), { ...asked, ...other })).toThrow(
      'is being delivered to main',
    );
});

test('a merged tree goes to the verifier, unless it is the plan’s own', () => {
  const preparing = open({ status: 'preparing' });
  const merged = { targetCommit: 'target', commit: 'merge' };
  expect(decideDeliveryMerged(completed, preparing, merged, 'judgement')).toMatchObject({
    changes: [{ entity: 'delivery', from: 'preparing', to: 'verifying', token: 3, set: merged }],
    effects: [{ kind: 'deliver', stage: 'judge', id: 'judgement' }],
  });
  expect(decideDeliveryMerged(completed, preparing, merged, null)).toMatchObject({
    changes: [{ to: 'delivering' }],
    effects: [],
  });
});

test('a red tree ends it with its rules named, and people are told', () => {
  const violation = { rule: 'contract:1.a', severity: 'high', message: 'red' } as const;
  const verdict = {
    outcome: 'fail',
    summary: '',
    violations: [violation, violation],
    items: [],
    blocking: 2,
  } as const;
  expect(decideDeliveryJudged(completed, open({ status: 'verifying' }), verdict)).toMatchObject({
    changes: [
      { to: 'failed', set: { verdict, message: 'Merged with main, the plan is red: contract:1.a.' } },
    ],
    events: [{ type: 'delivery.failed', payload: { rules: ['contract:1.a'] } }],
    effects: [{ kind: 'notify', event: 'delivery.failed' }],
  });
});

test('a target that moves is followed, so many times', () => {
  for (let rounds = 0; rounds < MAX_ROUNDS; rounds += 1) {
    const to = rounds + 1 < MAX_ROUNDS ? 'preparing' : 'failed';
    expect(decideTargetMoved(completed, open({ rounds })).changes).toMatchObject([{ to }]);
  }
});

test('a conflict pauses the plan and names files and task', () => {
  const conflict = { targetCommit: 'target', files: ['a', 'b', 'c', 'd', 'e', 'f'], taskNumber: 9 };
  const { changes, events } = decideDeliveryConflict(completed, open({ status: 'preparing' }), conflict);
  expect(changes).toMatchObject([
    { entity: 'plan', to: 'paused', set: { pauseReason: 'delivery_conflict' } },
    { entity: 'delivery', to: 'conflict', set: { taskNumber: 9 } },
  ]);
  expect(JSON.stringify(changes)).toContain('a, b, c, d, e and 1 more');
  expect(events.map(({ type }) => type)).toEqual(['delivery.conflict', 'plan.paused']);
});

test('a pull request is told to people, a merge is an event alone', () => {
  const pullRequest = { number: 4, url: 'https://forge.example/4' };
  expect(decideDelivered(completed, open(), { outcome: 'opened', pullRequest }).effects).toMatchObject([
    { kind: 'notify', event: 'delivery.opened', payload: { url: pullRequest.url } },
  ]);
  expect(decideDelivered(completed, open(), { outcome: 'merged' })).toMatchObject({
    events: [{ type: 'delivery.merged' }],
    effects: [],
  });
});
