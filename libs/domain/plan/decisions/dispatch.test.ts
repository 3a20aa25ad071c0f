import { aPhase, aPlan, aTask } from '#testing/plan-builder.js';
import type { TaskState } from '../state.js';
import {
  decideDispatch,
  type DispatchState,
  type OwnSlots,
  type ReadyTask,
  type WaitTerms,
} from './dispatch.js';

const NOW = new Date('2026-11-21T08:00:00Z');
const WAIT: WaitTerms = { seconds: null, until: null, event: null, timeoutSeconds: null };

type Over = Omit<Partial<ReadyTask>, 'task'> & { task?: Partial<TaskState> };

const ready = (id: string, over: Over = {}): ReadyTask => ({
  phase: aPhase(),
  wait: null,
  step: null,
  ...over,
  task: aTask({ id, ...over.task }),
});

function dispatch(
  entries: readonly ReadyTask[],
  over: Partial<DispatchState> = {},
  own: OwnSlots | null = null,
) {
  let ids = 0;
  const state = {
    plan: aPlan({ concurrency: 3 }),
    now: NOW,
    ready: entries,
    activeScopes: [],
    unclaimed: 0,
    stuckPhase: null,
    limit: null,
    rivals: [],
    ...over,
  };
  return decideDispatch(state, () => `a${(ids += 1)}`, own);
}

const moves = (decision: ReturnType<typeof dispatch>) =>
  decision.changes.flatMap((change) => (change.entity === 'task' ? [`${change.id} ${change.to}`] : []));

const FOUR = ['a', 'b', 'c', 'd'].map((id) => ready(id));

it('gives as many slots as the plan has free, each with an attempt and its delivery', () => {
  const decision = dispatch(FOUR);
  expect(moves(decision)).toEqual(['a queued', 'b queued', 'c queued']);
  expect(decision.effects).toHaveLength(3);
});

it('gives no more than the phase lets run at once', () => {
  const narrow = (active: number) =>
    dispatch(
      ['a', 'b'].map((id) => ready(id, { phase: aPhase({ concurrency: 2 }) })),
      { plan: aPlan({ concurrency: 9, activeTasks: active }) },
    );
  expect([0, 1, 2].map((active) => moves(narrow(active)).length)).toEqual([2, 1, 0]);
});

describe('under a limit shared with others', () => {
  const rival = (over: object = {}) => ({ id: 'rival', priority: 0, active: 0, wants: 2, ...over });
  const given = (limit: number, rivals: readonly ReturnType<typeof rival>[], activeTasks = 0) =>
    moves(dispatch(FOUR, { limit, rivals, plan: aPlan({ id: 'plan', concurrency: 9, activeTasks }) })).length;

  it('takes what is free when nobody else wants it', () => {
    expect(given(2, [])).toBe(2);
    expect(given(0, [])).toBe(0);
    expect(given(-1, [])).toBe(0);
  });

  it('leaves the slots to whoever has fewer, and takes what they cannot use', () => {
    expect(given(2, [rival()], 3)).toBe(0);
    expect(given(3, [rival()], 3)).toBe(1);
    expect(given(2, [rival({ active: 5 })], 3)).toBe(2);
  });

  it('leaves them to a higher priority, however much that has', () => {
    expect(given(2, [rival({ priority: 1, active: 50 })])).toBe(0);
    expect(given(2, [rival({ priority: -1 })], 3)).toBe(2);
  });
});

describe('a task that waits', () => {
  const waiting = (wait: Partial<WaitTerms>, over: Partial<DispatchState> = {}) =>
    dispatch([ready('w', { task: { executorKind: 'wait' }, wait: { ...WAIT, ...wait } })], over);

  it.each([
    ['for a while', { seconds: 90 }, 90_000, '2026-11-21T08:01:30.000Z'],
    [
      'until a time, wherever its clock stands',
      { until: '2026-11-21T09:00:10+01:00' },
      10_000,
      '2026-11-21T08:00:10.000Z',
    ],
    ['until a time that is over', { until: '2026-11-20T00:00:00Z' }, 0, '2026-11-21T08:00:00.000Z'],
    [
      'for an event, with an end',
      { event: 'released', timeoutSeconds: 60 },
      60_000,
      '2026-11-21T08:01:00.000Z',
    ],
  ])('%s', (_, terms, notBeforeMs, until) => {
    const { changes, events, effects } = waiting(terms);
    expect(changes).toEqual([
      { entity: 'task', id: 'w', from: 'ready', to: 'waiting', set: { notBeforeMs } },
    ]);
    expect(events).toMatchObject([{ type: 'task.waiting', payload: { until } }]);
    expect(effects).toEqual([]);
  });

  it('for an event, for ever', () => {
    expect(waiting({ event: 'released' })).toMatchObject({
      changes: [{ to: 'waiting', set: {} }],
      events: [{ payload: { event: 'released', until: null } }],
    });
  });

  it('needs no slot', () => {
    expect(moves(waiting({ seconds: 1 }, { plan: aPlan({ concurrency: 1, activeTasks: 1 }) }))).toEqual([
      'w waiting',
    ]);
  });

  it('asks first where a person lets tasks start', () => {
    const phase = aPhase({ approval: 'both' });
    const entry = ready('w', { phase, wait: { ...WAIT, seconds: 1 } });
    expect(moves(dispatch([entry]))).toEqual(['w awaiting_approval']);
    expect(moves(dispatch([ready('w', { ...entry, task: { approvedAt: NOW } })]))).toEqual(['w waiting']);
  });
});

it('leaves an external task to whoever claims it, once it was approved, and tells people', () => {
  const external = (over: Partial<TaskState> = {}) => ({ executorKind: 'external' as const, ...over });
  expect(moves(dispatch([ready('e', { task: external() })]))).toEqual([]);
  const phase = aPhase({ approval: 'before_task' });
  expect(moves(dispatch([ready('e', { phase, task: external() })]))).toEqual(['e awaiting_approval']);
  const approved = dispatch([ready('e', { phase, task: external({ approvedAt: NOW }) })]);
  expect(approved).toMatchObject({
    changes: [{ entity: 'announce', taskId: 'e' }],
    events: [{ type: 'task.awaiting_claim' }],
    effects: [{ kind: 'notify', event: 'task.awaiting_claim' }],
  });
});

it('does nothing while the plan does not run', () => {
  const entries = [...FOUR, ready('w', { wait: { ...WAIT, seconds: 1 } })];
  expect(dispatch(entries, { plan: aPlan({ status: 'pausing' }) }).changes).toEqual([]);
});

describe('slots of the worker that decides', () => {
  const step = { prompt: '', executor: { kind: 'milestone' }, writtenBy: 'person' } as const;
  const steps = ['a', 'b', 'c'].map((id) => ready(id, { step, task: { effect: 'none' } }));
  const own = (slots: number): OwnSlots => ({
    slots,
    pin: (task, _step, attemptId, number) => ({
      specHash: null,
      input: { number },
      inputHash: `${task.id} ${attemptId}`,
    }),
  });

  it('steps begin in them at once, claimed and without a delivery; the rest is delivered', () => {
    const decision = dispatch(steps, {}, own(2));
    const begun = decision.changes.filter((change) => change.entity === 'new_attempt');
    expect(begun).toMatchObject([
      { id: 'a1', taskId: 'a', status: 'running', leased: true, inputHash: 'a a1' },
      { id: 'a2', taskId: 'b', status: 'running', leased: true, inputHash: 'b a2' },
      { id: 'a3', taskId: 'c' },
    ]);
    expect(begun[2]).not.toHaveProperty('leased');
    expect(moves(decision)).toEqual(['a queued', 'a executing', 'b queued', 'b executing', 'c queued']);
    expect(decision.effects).toEqual([{ kind: 'deliver', stage: 'execute', id: 'a3', delivery: 1 }]);
    expect(decision.events.map(({ type }) => type)).toEqual(['attempt.started', 'attempt.started']);
  });

  it('a task that changes something is delivered', () => {
    expect(dispatch([ready('a')], {}, own(1)).effects).toHaveLength(1);
  });
});
