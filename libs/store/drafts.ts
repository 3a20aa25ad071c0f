import type { Draft, DraftPhase, DraftTask } from '#domain/plan/draft.js';
import type { Ids } from '#engine/ports/ids.port.js';
import type { DraftEdit, StoredDraft } from '#engine/ports/store.port.js';
import type { DatabaseTx } from './database.js';
import type { PhaseMode } from '#domain/plan/phase.machine.js';
import type { Prisma } from './generated/client.js';
import { storableJson } from './storable.js';

const STRUCTURE = {
  phases: {
    orderBy: { position: 'asc' },
    include: {
      tasks: {
        orderBy: [{ place: 'asc' }, { number: 'asc' }],
        include: {
          spec: true,
          dependencies: {
            where: { kind: 'explicit' },
            include: { dependsOn: { select: { key: true, number: true } } },
          },
        },
      },
    },
  },
} as const satisfies Prisma.PlanInclude;

type PlanRow = Prisma.PlanGetPayload<{ include: typeof STRUCTURE }>;
type PhaseRow = PlanRow['phases'][number];

/** Reads a plan as edits and exports see it. The caller holds the plan's lock, or wants one consistent read. */
export async function loadDraft(db: DatabaseTx, planId: string): Promise<StoredDraft> {
  const plan = await db.plan.findUniqueOrThrow({ where: { id: planId }, include: STRUCTURE });
  return { draft: toDraft(plan), revision: plan.revision, nextTaskNumber: plan.taskCounter + 1 };
}

function toDraft(plan: PlanRow): Draft {
  return {
    name: plan.name,
    description: plan.description,
    metadata: plan.metadata as Record<string, unknown>,
    target: plan.targetBranch,
    concurrency: plan.concurrency,
    maxAttempts: plan.maxAttempts,
    phases: plan.phases.map(toDraftPhase),
  };
}

function toDraftPhase(phase: PhaseRow): DraftPhase {
  return {
    id: phase.id,
    name: phase.name,
    description: phase.description,
    mode: phase.mode as PhaseMode,
    successCriteria: phase.successCriteria as string[],
    tasks: phase.tasks.map((task): DraftTask => ({
      id: task.id,
      number: task.number,
      key: task.key,
      title: task.title,
      prompt: task.prompt,
      executor: task.executor,
      mayChange: task.mayChange as string[],
      writes: task.writeScope as string[],
      maxAttempts: task.maxAttempts,
      spec: task.spec === null ? null : { yaml: task.spec.specYaml, hash: task.spec.hash },
      dependsOn: task.dependencies
        .sort((a, b) => a.dependsOn.number - b.dependsOn.number)
        .map((edge) => edge.dependsOn.key),
    })),
  };
}

/** Writes the difference of two drafts; counters and edges are recomputed, since a plan that never ran has no others. */
export async function saveDraft(db: DatabaseTx, planId: string, ids: Ids, edit: DraftEdit): Promise<void> {
  const { before, after } = edit;
  await removeGone(db, before, after);
  // Places are unique: everything moves out of the way before anything takes its new one.
  await db.phase.updateMany({ where: { planId }, data: { position: { multiply: -1 } } });
  for (const [index, phase] of after.phases.entries()) await savePhase(db, planId, phase, index + 1);
  await saveTasks(db, planId, ids, edit);
  await saveEdges(db, planId, edit);
  await savePlan(db, planId, ids, edit);
}

async function removeGone(db: DatabaseTx, before: Draft, after: Draft): Promise<void> {
  const kept = new Set([...after.phases.map((phase) => phase.id), ...tasksOf(after).map((task) => task.id)]);
  const gone = (items: readonly { readonly id: string }[]) =>
    items.map(({ id }) => id).filter((id) => !kept.has(id));
  await db.planTask.deleteMany({ where: { id: { in: gone(tasksOf(before)) } } });
  // Tasks that moved out of a phase that goes must not go with it.
  for (const phase of after.phases) {
    const moved = phase.tasks.map((task) => task.id);
    if (before.phases.some((old) => old.id === phase.id)) {
      await db.planTask.updateMany({ where: { id: { in: moved } }, data: { phaseId: phase.id } });
    }
  }
  await db.phase.deleteMany({ where: { id: { in: gone(before.phases) } } });
}

async function savePhase(db: DatabaseTx, planId: string, phase: DraftPhase, position: number): Promise<void> {
  const data = {
    position,
    name: phase.name,
    description: phase.description,
    mode: phase.mode,
    approval: phase.mode === 'manual' ? 'before_task' : 'none',
    successCriteria: [...phase.successCriteria],
    openTasks: phase.tasks.length,
  };
  await db.phase.upsert({
    where: { id: phase.id },
    create: { id: phase.id, planId, status: 'pending', ...data },
    update: data,
  });
}

async function saveTasks(
  db: DatabaseTx,
  planId: string,
  ids: Ids,
  { before, after, edges }: DraftEdit,
): Promise<void> {
  const old = new Map(tasksOf(before).map((task) => [task.id, JSON.stringify(task)]));
  const waits = new Map<string, number>();
  for (const edge of edges) waits.set(edge.task, (waits.get(edge.task) ?? 0) + 1);
  for (const phase of after.phases) {
    for (const [index, task] of phase.tasks.entries()) {
      const place = { phaseId: phase.id, place: index + 1, openDependencies: waits.get(task.key) ?? 0 };
      if (old.get(task.id) === JSON.stringify(task)) {
        await db.planTask.update({ where: { id: task.id }, data: place });
        continue;
      }
      const specId = task.spec === null ? null : await saveSpec(db, planId, ids, task.spec);
      const data = { ...columnsOf(task), ...place, specId };
      const fixed = { id: task.id, planId, number: task.number, status: 'pending' };
      await db.planTask.upsert({ where: { id: task.id }, create: { ...fixed, ...data }, update: data });
    }
  }
}

function columnsOf(task: DraftTask) {
  return {
    key: task.key,
    title: task.title,
    prompt: task.prompt,
    executor: task.executor as Prisma.InputJsonObject,
    mayChange: [...task.mayChange],
    writeScope: [...task.writes],
    maxAttempts: task.maxAttempts,
  };
}

/** Specs are rows of their own and never change: another text is another row. */
async function saveSpec(
  db: DatabaseTx,
  planId: string,
  ids: Ids,
  spec: { yaml: string; hash: string },
): Promise<string> {
  const { hash, yaml: specYaml } = spec;
  const known = await db.planSpec.findFirst({ where: { planId, hash, specYaml }, select: { id: true } });
  if (known !== null) return known.id;
  const id = ids.next();
  await db.planSpec.create({ data: { id, planId, specYaml, specType: 'strict', hash } });
  return id;
}

async function saveEdges(db: DatabaseTx, planId: string, { after, edges }: DraftEdit): Promise<void> {
  const idOf = new Map(tasksOf(after).map((task) => [task.key, task.id]));
  await db.taskDependency.deleteMany({ where: { task: { planId } } });
  await db.taskDependency.createMany({
    data: edges.flatMap(({ task, dependsOn, kind }) => {
      const [taskId, dependsOnId] = [idOf.get(task), idOf.get(dependsOn)];
      return taskId === undefined || dependsOnId === undefined ? [] : [{ taskId, dependsOnId, kind }];
    }),
  });
}

async function savePlan(db: DatabaseTx, planId: string, ids: Ids, edit: DraftEdit): Promise<void> {
  const { after, changes, summary, actorId } = edit;
  const highest = Math.max(0, ...tasksOf(after).map((task) => task.number));
  const { taskCounter } = await db.plan.findUniqueOrThrow({
    where: { id: planId },
    select: { taskCounter: true },
  });
  await db.plan.update({
    where: { id: planId },
    data: {
      name: after.name,
      description: after.description,
      metadata: after.metadata as Prisma.InputJsonObject,
      targetBranch: after.target,
      concurrency: after.concurrency,
      maxAttempts: after.maxAttempts,
      openPhases: after.phases.length,
      taskCounter: Math.max(taskCounter, highest),
      revision: { increment: 1 },
    },
  });
  const number = (await db.planIteration.count({ where: { planId } })) + 1;
  const stored = storableJson(changes) as Prisma.InputJsonArray;
  await db.planIteration.create({
    data: { id: ids.next(), planId, number, kind: 'edit', actorId, summary, changes: stored },
  });
}

function tasksOf(draft: Draft): DraftTask[] {
  return draft.phases.flatMap((phase) => phase.tasks);
}
