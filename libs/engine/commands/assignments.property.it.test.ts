import fc from 'fast-check';
import { ASSIGNMENT_ACTIVE, assignmentAfter } from '#domain/assignments/assignment.machine.js';
import { DomainError } from '#domain/domain-error.js';
import { decideCancel, decideCancelled } from '#domain/plan/decisions/cancel-plan.js';
import { PLAN_MOVING } from '#domain/plan/plan.machine.js';
import type { TaskStatus } from '#domain/plan/task.machine.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { PlanDriver } from '#testing/plan-driver.js';
import { assignTask } from './assign-task.command.js';
import { handOverTask } from './hand-over-task.command.js';
import { pauseAssignment } from './pause-assignment.command.js';
import { updateTask } from './update-task.command.js';

/** Random words about whose tasks are between random steps of a real plan: the rows agree with the tasks at all times. */

const ENDED: readonly string[] = ['completed', 'satisfied', 'skipped', 'cancelled'];
const NAMES = ['Ada', 'Grace', 'Lin'];

let harness: EngineHarness;
beforeAll(async () => {
  harness = await EngineHarness.open();
});
afterAll(() => harness.close());

const anyMove = fc.oneof(
  { weight: 3, arbitrary: fc.record({ step: fc.nat(1_000), pick: fc.nat(1_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      word: fc.constantFrom('assign', 'nobody', 'hand over', 'pause', 'resume', 'edit'),
      pick: fc.nat(3),
      whose: fc.nat(2),
    }),
  },
);

const PHASES = [
  {
    mode: 'parallel' as const,
    tasks: [
      { key: 'one', effect: 'none' as const, executor: { kind: 'external' as const }, assignedTo: 'Ada' },
      { key: 'two', effect: 'none' as const, assignedTo: 'Grace' },
      { key: 'three', dependsOn: ['one'], executor: { kind: 'external' as const } },
      { key: 'four', dependsOn: ['two'], effect: 'none' as const, assignedTo: 'Lin' },
    ],
  },
];

async function say(planId: string, word: string, taskNumber: number, name: string): Promise<void> {
  const { deps } = harness;
  const named = { planId, taskNumber, actorId: harness.stores.ownerId };
  const to = { name, kind: 'user' } as const;
  const told = { note: 'so', context: { by: name } };
  if (word === 'assign') await assignTask(deps, { ...named, to, ...told });
  else if (word === 'nobody') await assignTask(deps, { ...named, to: null, ...told });
  else if (word === 'hand over') await handOverTask(deps, { ...named, to, ...told });
  else if (word === 'edit') await updateTask(deps, { ...named, changes: { assignedTo: name } });
  else await pauseAssignment(deps, { ...named, step: word === 'pause' ? 'pause' : 'resume' });
}

/** Everything of it that is open ends at once. */
function cancel(planId: string): Promise<void> {
  const { ownerId } = harness.stores;
  return harness.stores.onPlan(planId, async (tx) => {
    if (!PLAN_MOVING.includes(tx.plan.status)) return;
    await tx.apply(decideCancel(tx.plan, null), ownerId);
    await tx.apply(decideCancelled(tx.plan, await tx.openWork(), null), ownerId);
  });
}

/** Rows and tasks of a plan agree. @returns how many rows there are */
async function expectRows(planId: string): Promise<number> {
  const tasks = await harness.stores.db.planTask.findMany({
    where: { planId },
    include: { assigned: true },
  });
  for (const { status, assignedTo, assigned } of tasks) {
    const active = ASSIGNMENT_ACTIVE as readonly string[];
    const open = assigned.filter((row) => active.includes(row.status));
    const isOpen = assignedTo !== null && !ENDED.includes(status);
    expect(open.map(({ assigneeId }) => assigneeId)).toEqual(isOpen ? [assignedTo] : []);
    if (open[0]?.status === 'started')
      expect(assignmentAfter('started', status as TaskStatus)).toBe('started');
    for (const row of assigned)
      expect({ paused: row.pausedAt !== null, ended: row.endedAt !== null }).toEqual({
        paused: row.status === 'paused',
        ended: !active.includes(row.status),
      });
  }
  return tasks.reduce((sum, { assigned }) => sum + assigned.length, 0);
}

it('a task of somebody that is open has one active assignment, theirs; no row ever goes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyMove, { minLength: 6, maxLength: 24 }), async (moves) => {
      const planId = await harness.stores.plan(PHASES, { concurrency: 2 });
      const driver = new PlanDriver(harness, planId);
      let count = await expectRows(planId);
      expect(count).toBe(3);
      await driver.start();
      for (const move of moves) {
        if ('step' in move) await driver.step(move.step, move.pick);
        else {
          const said = say(planId, move.word, move.pick + 1, NAMES[move.whose] ?? '');
          await said.catch((error: unknown) => {
            if (!(error instanceof DomainError)) throw error;
          });
        }
        const now = await expectRows(planId);
        expect(now).toBeGreaterThanOrEqual(count);
        count = now;
      }
      await cancel(planId);
      await expectRows(planId);
    }),
    { numRuns: 30 },
  );
});
