import fc from 'fast-check';
import { DomainError } from '#domain/domain-error.js';
import { anyEdit, applyEdit } from '#testing/draft-edits.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { PlanDriver } from '#testing/plan-driver.js';
import { editPlan } from './edit-plan.js';

/** Random edits between random steps of a real plan: its counters stay right, and it can be brought to its end. */

let harness: EngineHarness;
beforeAll(async () => {
  harness = await EngineHarness.open();
});
afterAll(() => harness.close());

const anyMove = fc.oneof(
  { weight: 3, arbitrary: anyEdit.map((edit) => ({ edit })) },
  { weight: 5, arbitrary: fc.record({ step: fc.nat(1_000), pick: fc.nat(1_000) }) },
);

const PHASES = [
  {
    mode: 'sequential' as const,
    tasks: [{ key: 'one', effect: 'none' as const }, { key: 'two' }, { key: 'three' }],
  },
  {
    mode: 'parallel' as const,
    atEnd: 'approve' as const,
    tasks: [
      { key: 'four', dependsOn: ['two'], effect: 'none' as const },
      { key: 'five', executor: { kind: 'external' as const } },
      { key: 'six', dependsOn: ['four', 'three'] },
    ],
  },
  {
    mode: 'manual' as const,
    approval: 'before_task' as const,
    atEnd: 'pause' as const,
    tasks: [{ key: 'seven', dependsOn: ['one'] }, { key: 'eight' }],
  },
  { mode: 'parallel' as const, tasks: [{ key: 'nine', dependsOn: ['seven', 'eight'] }] },
];

let edited = 0;
let refused = 0;

it('after each edit and each step the counters are what is counted, and the plan comes to its end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyMove, { minLength: 4, maxLength: 24 }), async (moves) => {
      const planId = await harness.stores.plan(PHASES, { concurrency: 2 });
      const driver = new PlanDriver(harness, planId);
      await driver.start();
      for (const move of moves) {
        if ('edit' in move) {
          const before = await driver.revision();
          try {
            const command = { planId, actorId: harness.stores.ownerId };
            await editPlan(harness.deps, command, 'edit', (draft, number) =>
              applyEdit(move.edit, draft, number),
            );
            edited += 1;
            expect(await driver.revision()).toBe(before + 1);
          } catch (error) {
            if (!(error instanceof DomainError)) throw error;
            refused += 1;
            expect(await driver.revision()).toBe(before);
            continue;
          }
          await driver.expectStatuses();
        } else await driver.step(move.step, move.pick);
        await driver.expectCounters();
      }
      await driver.finish();
      await driver.expectCounters();
    }),
    { numRuns: 30 },
  );
  expect(Math.min(edited, refused)).toBeGreaterThan(25);
}, 400_000);
