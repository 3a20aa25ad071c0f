import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { DomainError } from '#domain/domain-error.js';
import * as drafts from '#domain/plan/draft.js';
import type { Draft, DraftTask } from '#domain/plan/draft.js';
import { PHASE_MODES } from '#domain/plan/phase.machine.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { editPlan } from './edit-plan.js';

/** Random edits on a real database: the rows are what the draft says, or what they were. */

let harness: EngineHarness;
beforeAll(async () => {
  harness = await EngineHarness.open();
});
afterAll(() => harness.close());

const anyEdit = fc.record({
  kind: fc.constantFrom('addPhase', 'updatePhase', 'deletePhase', 'addTask', 'updateTask', 'deleteTask'),
  picks: fc.array(fc.nat(50), { minLength: 6, maxLength: 6 }),
  moves: fc.boolean(),
});
type AnyEdit = typeof anyEdit extends fc.Arbitrary<infer E> ? E : never;

function apply({ kind, picks, moves }: AnyEdit, draft: Draft, number: number): Draft {
  const [phasePick = 0, taskPick = 0, place = 0, mode = 0, home = 0, other = 0] = picks;
  const tasks = draft.phases.flatMap((phase) => phase.tasks);
  const phase = draft.phases[phasePick % (draft.phases.length || 1)];
  const task = tasks[taskPick % (tasks.length || 1)];
  const position = moves ? (place % 4) + 1 : undefined;
  const fields = { mode: PHASE_MODES[mode % 3] ?? 'parallel', name: `Phase ${mode}` };
  const dependsOn = moves ? [] : tasks.slice(other % (tasks.length || 1)).map(({ key }) => key);
  switch (kind) {
    case 'addPhase':
      return drafts.addPhase(
        draft,
        {
          ...fields,
          id: uuid(),
          description: '',
          approval: 'none',
          atEnd: 'continue',
          concurrency: null,
          successCriteria: [],
          tasks: [],
        },
        position,
      );
    case 'updatePhase':
      return drafts.updatePhase(draft, phase?.id ?? uuid(), fields, position);
    case 'deletePhase':
      return drafts.deletePhase(draft, phase?.id ?? uuid());
    case 'addTask':
      return drafts.addTask(draft, phase?.id ?? uuid(), aDraftTask(number, dependsOn.slice(0, 2)), position);
    case 'updateTask': {
      const phaseId = moves ? draft.phases[home % draft.phases.length]?.id : undefined;
      const spec = mode % 2 === 0 ? null : { yaml: `version: ${mode}\n`, hash: `${mode}` };
      const changes = { key: `key-${number}-${mode}`, spec, dependsOn: dependsOn.slice(0, 2) };
      return drafts.updateTask(draft, task?.id ?? uuid(), changes, { phaseId, position });
    }
    default:
      return drafts.deleteTask(draft, task?.id ?? uuid());
  }
}

function aDraftTask(number: number, dependsOn: readonly string[]): DraftTask {
  return {
    id: uuid(),
    number,
    key: `task-${number}`,
    title: `Task ${number}`,
    prompt: '',
    executor: { kind: 'command', command: 'true', timeoutSeconds: 60 },
    effect: 'change',
    assignedTo: null,
    mayChange: [],
    writes: [],
    maxAttempts: 3,
    spec: null,
    dependsOn,
  };
}

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
              made = apply(edit, draft, number);
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
