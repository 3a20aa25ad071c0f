import { aPhase, aPlan, anAttempt, aTask } from '#testing/plan-builder.js';
import { PLAN_STATUSES } from '../plan.machine.js';
import { decideArchive, decideArchived, decideArchiveEnds } from './archive-plan.js';

const NONE = { count: 0, first: [] };
const ONE = { count: 12, first: [{ number: 3, title: 'Write', status: 'ready' }] } as const;
const asked = { note: null, forced: false, actorId: 'ada', at: '2026-01-01T00:00:00.000Z' };
const ITERATIONS = { entity: 'end_iterations', message: 'the plan was archived' };
const ENDED = ['completed', 'failed', 'cancelled'] as const;

describe('beginning to archive', () => {
  it.each(ENDED)('is allowed for a plan that is %s, which keeps its epoch', (status) => {
    const { changes, events } = decideArchive(aPlan({ status }), NONE, asked);
    const archive = { ...asked, from: status, open: 0 };
    expect(changes).toEqual([
      {
        entity: 'plan',
        from: status,
        to: 'archiving',
        set: { pauseReason: null, pauseNote: null, archive },
      },
      ITERATIONS,
    ]);
    expect(events).toMatchObject([{ type: 'plan.archiving', payload: { from: status, open: 0 } }]);
  });

  it('voids what was claimed in a paused plan', () => {
    const { changes } = decideArchive(aPlan({ status: 'paused', epoch: 4 }), NONE, asked);
    expect(changes).toMatchObject([{ from: 'paused', set: { epoch: 5 } }, ITERATIONS]);
  });

  it('changes nothing of a plan that is being archived', () => {
    const nothing = { changes: [], events: [], effects: [] };
    expect(decideArchive(aPlan({ status: 'archiving' }), NONE, asked)).toEqual(nothing);
  });

  it.each(PLAN_STATUSES.filter((status) => ![...ENDED, 'paused', 'archiving'].includes(status)))(
    'is refused for %s',
    (status) => {
      const forced = { ...asked, forced: true, note: 'why' };
      expect(() => decideArchive(aPlan({ status }), NONE, forced)).toThrow(`Plan 1 is ${status};`);
    },
  );

  it('is refused with open tasks, which it names, and allowed by force with a reason', () => {
    const plan = aPlan({ status: 'paused' });
    expect(() => decideArchive(plan, ONE, asked)).toThrow(
      '12 tasks have not ended: 1.3 Write (ready), and 11 more.',
    );
    expect(() => decideArchive(plan, ONE, { ...asked, forced: true })).toThrow('needs a note');
    const { changes } = decideArchive(plan, ONE, { ...asked, forced: true, note: 'enough' });
    expect(changes).toMatchObject([
      { set: { archive: { open: 12, forced: true, note: 'enough' } } },
      ITERATIONS,
    ]);
  });
});

it('what a paused plan left open is ended, and the plan goes on being archived', () => {
  const { changes, events } = decideArchiveEnds(aPlan({ status: 'archiving', epoch: 2 }), {
    phases: [aPhase({ status: 'running' })],
    tasks: [aTask({ status: 'claimed' })],
    attempts: [anAttempt({ status: 'running' })],
    runs: [],
    integrations: [],
  });
  expect(changes).toMatchObject([
    { entity: 'attempt', to: 'cancelled', epoch: 1, set: { message: 'the plan was archived' } },
    { entity: 'task', to: 'cancelled' },
    { entity: 'cancel_waiting' },
    { entity: 'phase', to: 'cancelled' },
  ]);
  expect(events).toEqual([]);
});

it('the end says what was signed, and by whom', () => {
  const seal = { ...asked, from: 'completed', open: 0, commit: 'c', manifest: 'm', bundle: 'b', keyId: 'k' };
  const { changes, events } = decideArchived(aPlan({ status: 'archiving' }), seal);
  expect(changes).toEqual([{ entity: 'plan', from: 'archiving', to: 'archived', set: { archive: seal } }]);
  const payload = { commit: 'c', manifest: 'm', bundle: 'b', keyId: 'k' };
  expect(events).toEqual([{ type: 'plan.archived', payload }]);
});
