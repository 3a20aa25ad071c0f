import fc from 'fast-check';
import { DomainError } from '#domain/domain-error.js';
import * as drafts from '#domain/plan/draft.js';
import type { Draft } from '#domain/plan/draft.js';
import { anyEdit, applyEdit } from '#testing/draft-edits.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { editPlan } from './edit-plan.js';

/** Random edits on a real database: the rows are what the draft says, or what they were. */

let harness: EngineHarness;
beforeAll(async () => {
  harness = await EngineHarness.open();
});
afterAll(() => harness.close());

/** The rows of a plan's structure. */
async function structure(planId: string) {
  const plan = await harness.stores.db.plan.findUniqueOrThrow({
    where: { id: planId },
    include: {
      phases: {
        orderBy: { position: 'asc' },
        include: {
          tasks: {
            orderBy: { place: 'asc' },
            include: { dependencies: { orderBy: { dependsOnId: 'asc' } }, spec: true },
          },
        },
      },
    },
  });
  const { phases, openPhases, taskCounter, revision } = plan;
  return { phases, openPhases, taskCounter, revision };
}

/** What the rows must be. */
function expected(draft: Draft) {
  const edges = drafts.edgesOf(draft);
  const idOf = new Map(draft.phases.flatMap(({ tasks }) => tasks.map(({ key, id }) => [key, id] as const)));
  return draft.phases.map((phase, index) => ({
    id: phase.id,
    position: index + 1,
    mode: phase.mode,
    approval: phase.approval,
    openTasks: phase.tasks.length,
    status: 'pending',
    tasks: phase.tasks.map((task, at) => {
      const own = edges.filter((edge) => edge.task === task.key);
      return {
        id: task.id,
        number: task.number,
        key: task.key,
        place: at + 1,
        status: 'pending',
        openDependencies: own.length,
        spec: task.spec === null ? null : { specYaml: task.spec.yaml, hash: task.spec.hash },
        dependencies: own
          .map((edge) => ({ dependsOnId: idOf.get(edge.dependsOn), kind: edge.kind }))
          .sort((a, b) => String(a.dependsOnId).localeCompare(String(b.dependsOnId))),
      };
    }),
  }));
}

it('after each edit the rows are the structure that it made, and after a refusal what they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEdit, { minLength: 1, maxLength: 12 }), async (edits) => {
      const planId = await harness.stores.plan([
        { mode: 'parallel', tasks: [{ key: 'one' }, { key: 'two', dependsOn: ['one'] }] },
        { mode: 'manual', approval: 'before_task', tasks: [{ key: 'three', dependsOn: ['two'] }] },
      ]);
      const numbers = new Map<string, number>();
      let revision = 1;
      for (const edit of edits) {
        const before = await structure(planId);
        let made: Draft | null = null;
        try {
          await editPlan(
            harness.deps,
            { planId, actorId: harness.stores.ownerId },
            'edit',
            (draft, number) => {
              made = applyEdit(edit, draft, number);
              return made;
            },
          );
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          expect(await structure(planId)).toEqual(before);
          continue;
        }
        revision += 1;
        const after = await structure(planId);
        const phases = expected(made as unknown as Draft);
        expect(after).toMatchObject({ phases, openPhases: phases.length, revision });
        for (const { id, number } of after.phases.flatMap(({ tasks }) => tasks)) {
          expect([undefined, number]).toContain(numbers.get(id));
          numbers.set(id, number);
        }
        expect(new Set(numbers.values()).size).toBe(numbers.size);
      }
      expect(await harness.stores.db.planIteration.count({ where: { planId } })).toBe(revision);
    }),
    { numRuns: 40 },
  );
}, 120_000);
