import { aPhase, aPlan, aSlice, aTask } from '#testing/plan-builder.js';
import { decideSignal, decideWaitOver } from './wait.js';

const slice = (over = {}) =>
  aSlice({ task: aTask({ status: 'waiting' }), phase: aPhase({ openTasks: 2 }), ...over });
const TIME = { event: null, signalled: false };

it.each([
  ['its time has come', TIME],
  ['its event is there', { event: 'released', signalled: true }],
])('a wait is completed when %s, neither verified nor unverified', (_, over) => {
  const decision = decideWaitOver(slice(), over);
  expect(decision?.changes).toMatchObject([
    { entity: 'task', from: 'waiting', to: 'completed', set: { commitSha: null } },
    { entity: 'open_tasks', delta: -1 },
    { entity: 'release_dependants' },
  ]);
  expect(decision?.changes.filter((change) => change.entity === 'counters')).toEqual([]);
});

it('the last wait of the last phase completes the plan', () => {
  const types = decideWaitOver(slice({ phase: aPhase({ openTasks: 1 }) }), TIME)?.events.map(
    ({ type }) => type,
  );
  expect(types).toEqual(['task.completed', 'phase.completed', 'plan.completed']);
});

it('an event that did not come in time fails the task, and the plan pauses with the reason', () => {
  const decision = decideWaitOver(slice(), { event: 'released', signalled: false });
  expect(decision?.changes).toMatchObject([
    { entity: 'task', to: 'failed' },
    {
      entity: 'plan',
      to: 'pausing',
      set: { pauseReason: 'task_failed', pauseNote: 'Task 1.1: the event released did not come in time.' },
    },
    { entity: 'plan', to: 'paused' },
  ]);
});

it.each([
  ['the plan is at rest', { plan: aPlan({ status: 'paused' }) }],
  ['the task was skipped meanwhile', { task: aTask({ status: 'skipped' }) }],
])('nothing happens when %s', (_, over) => {
  expect(decideWaitOver(slice(over), TIME)).toBeNull();
});

it('a signal is stored with an event, whether somebody waits for it or not', () => {
  const decision = decideSignal(aPlan({ status: 'ready' }), 'released', { version: 1 });
  expect(decision.changes).toEqual([{ entity: 'new_signal', name: 'released', data: { version: 1 } }]);
  expect(decision.events).toEqual([{ type: 'plan.signalled', payload: { name: 'released' } }]);
});

it.each(['completed', 'failed', 'cancelling', 'cancelled', 'archived'] as const)(
  'a plan that is %s refuses signals',
  (status) => {
    expect(() => decideSignal(aPlan({ status }), 'released', null)).toThrow(`Plan 1 is ${status}`);
  },
);
