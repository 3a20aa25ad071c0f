import { aPhase, aPlan, aSlice, aTask } from '#testing/plan-builder.js';
import { decideSkip } from './skip-task.js';

const skip = (task: object, satisfies: boolean, over: Parameters<typeof aSlice>[0] = {}) => {
  const slice = aSlice({ phase: aPhase({ openTasks: 2 }), ...over, task: aTask(task) });
  const { changes } = decideSkip(slice, { satisfies, note: 'not needed' }, false);
  return changes.map((change) => ('to' in change ? `${change.entity} ${change.to}` : change.entity));
};

it('blocks what depends on it, or releases it', () => {
  expect(skip({}, false)).toEqual(['task skipped', 'open_tasks', 'block_dependants']);
  expect(skip({}, true)).toEqual(['task skipped', 'open_tasks', 'release_dependants', 'unblock_dependants']);
});

it('says whether it satisfies, and keeps the note', () => {
  const of = (satisfies: boolean) =>
    decideSkip(aSlice({ phase: aPhase({ openTasks: 2 }) }), { satisfies, note: 'n' }, false).changes[0];
  expect(of(true)).toMatchObject({ set: { verified: false, note: 'n' } });
  expect(of(false)).toMatchObject({ set: { note: 'n' } });
});

it('again makes it satisfy after all, once', () => {
  const skipped = { status: 'skipped' };
  expect(skip(skipped, true)).toEqual(['task skipped', 'release_dependants', 'unblock_dependants']);
  expect(() => skip({ ...skipped, verified: false }, true)).toThrow('is skipped already');
  expect(() => skip(skipped, false)).toThrow('is skipped already');
});

it('the last of a phase ends it; before the phase began, the phase is skipped', () => {
  expect(skip({}, true, { phase: aPhase() })).toEqual(
    expect.arrayContaining(['phase completed', 'plan completed']),
  );
  const over = { phase: aPhase({ status: 'pending' }), plan: aPlan({ openPhases: 2 }) } as const;
  expect(skip({ status: 'pending' }, false, over)).toContain('phase skipped');
  expect(skip({ status: 'pending' }, false, over)).not.toContain('plan completed');
});

it.each(['failed', 'blocked'])('a task that is %s lets the plan go on that paused for it', (status) => {
  const plan = aPlan({ status: 'paused', pauseReason: 'task_failed' });
  expect(skip({ status }, true, { plan })[0]).toBe('plan running');
});

it.each(['claimed', 'queued', 'executing', 'verifying', 'awaiting_review', 'integrating', 'completed'])(
  'is refused when it is %s',
  (status) => {
    expect(() => skip({ status }, true)).toThrow(`Task 1.1 is ${status};`);
  },
);
