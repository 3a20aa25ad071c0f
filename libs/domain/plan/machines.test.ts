import { ATTEMPT_ENDED, ATTEMPT_MACHINE, ATTEMPT_STATUSES } from './attempt.machine.js';
import { DELIVERY_MACHINE, DELIVERY_STATUSES } from './delivery.machine.js';
import { INTEGRATION_IN_LANE, INTEGRATION_MACHINE, INTEGRATION_STATUSES } from './integration.machine.js';
import { allows, isFinal, sources, type Machine } from './machine.js';
import { PHASE_MACHINE, PHASE_STATUSES } from './phase.machine.js';
import { PLAN_MACHINE, PLAN_MOVING, PLAN_STATUSES } from './plan.machine.js';
import {
  TASK_ACTIVE,
  TASK_DONE,
  TASK_IN_HAND,
  TASK_MACHINE,
  TASK_STATUSES,
  TASK_WAITING,
} from './task.machine.js';
import { RUN_MACHINE, RUN_STATUSES } from './verification-run.machine.js';

type Any = Machine<string>;
const MACHINES: [name: string, machine: Any, statuses: readonly string[], starts: string[]][] = [
  ['plan', PLAN_MACHINE, PLAN_STATUSES, ['draft', 'generating', 'ready']],
  ['phase', PHASE_MACHINE, PHASE_STATUSES, ['pending']],
  ['task', TASK_MACHINE, TASK_STATUSES, ['pending']],
  ['attempt', ATTEMPT_MACHINE, ATTEMPT_STATUSES, ['queued']],
  ['run', RUN_MACHINE, RUN_STATUSES, ['queued']],
  ['integration', INTEGRATION_MACHINE, INTEGRATION_STATUSES, ['queued']],
  ['delivery', DELIVERY_MACHINE, DELIVERY_STATUSES, ['preparing']],
];

describe('helpers', () => {
  const machine: Machine<'a' | 'b' | 'c'> = { a: ['b', 'c'], b: ['c'], c: [] };

  it('allows what is listed and nothing else', () => {
    expect(allows(machine, 'a', 'b')).toBe(true);
    expect(allows(machine, 'b', 'a')).toBe(false);
    expect(allows(machine, 'a', 'a')).toBe(false);
  });

  it('finds every source of a status', () => {
    expect(sources(machine, 'c')).toEqual(['a', 'b']);
    expect(sources(machine, 'a')).toEqual([]);
  });

  it('calls a status final when nothing follows it', () => {
    expect(isFinal(machine, 'c')).toBe(true);
    expect(isFinal(machine, 'b')).toBe(false);
  });
});

describe.each(MACHINES)('the machine of a %s', (_name, machine, statuses, starts) => {
  it('has an entry for exactly the statuses, and steps only to them', () => {
    expect(Object.keys(machine).sort()).toEqual([...statuses].sort());
    for (const targets of Object.values(machine)) for (const to of targets) expect(statuses).toContain(to);
  });

  it('can reach every status from where it starts', () => {
    const reached = new Set(starts);
    for (const from of reached) for (const to of machine[from] ?? []) reached.add(to);
    expect([...reached].sort()).toEqual([...statuses].sort());
  });

  it('can always come to an end, or to a rest that a person can leave', () => {
    const ends = new Set(statuses.filter((status) => isFinal(machine, status)));
    for (let grown = true; grown;) {
      const before = ends.size;
      for (const status of statuses) if ((machine[status] ?? []).some((to) => ends.has(to))) ends.add(status);
      grown = ends.size > before;
    }
    expect([...ends].sort()).toEqual([...statuses].sort());
  });
});

describe('groups of statuses', () => {
  it('a slot is taken from the moment a task is queued until it is integrated', () => {
    expect([...TASK_ACTIVE]).toEqual(['queued', 'executing', 'verifying', 'integrating']);
    for (const status of TASK_DONE) expect(TASK_ACTIVE).not.toContain(status);
  });

  it('a task that waits can be cancelled, and each task waits, is in somebody’s hands, or is at an end', () => {
    for (const status of TASK_WAITING) expect(TASK_MACHINE[status]).toContain('cancelled');
    const ends = [...TASK_DONE, 'failed', 'skipped', 'cancelled'];
    expect([...TASK_WAITING, ...TASK_IN_HAND, ...ends].sort()).toEqual([...TASK_STATUSES].sort());
  });

  it('every status in the lane leads out of it, and only queued integrations enter it', () => {
    for (const status of INTEGRATION_IN_LANE) {
      expect(INTEGRATION_MACHINE[status].some((to) => !INTEGRATION_IN_LANE.includes(to))).toBe(true);
    }
    const entries = INTEGRATION_STATUSES.filter(
      (status) =>
        !INTEGRATION_IN_LANE.includes(status) &&
        INTEGRATION_MACHINE[status].some((to) => INTEGRATION_IN_LANE.includes(to)),
    );
    expect(entries).toEqual(['queued']);
  });

  it('a result of a later stage can end each open attempt, and one that ended is at most verified again', () => {
    for (const status of ATTEMPT_ENDED) {
      const isVerdict = status === 'rejected' || status === 'inconclusive';
      expect(ATTEMPT_MACHINE[status]).toEqual(isVerdict ? ['executed'] : []);
    }
    expect(sources(ATTEMPT_MACHINE, 'lost')).toEqual(['running']);
  });

  it('an ended plan does not move', () => {
    for (const status of ['completed', 'cancelled', 'failed', 'archived'] as const) {
      expect(PLAN_MOVING).not.toContain(status);
    }
  });
});
