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

/**
 * Writes the difference of two drafts, and no row that stays as it is. Counters and edges follow from the structure
 * alone, since a plan that never ran has no others.
 */
export async function saveDraft(db: DatabaseTx, planId: string, ids: Ids, edit: DraftEdit): Promise<void> {
  const stored = await db.planTask.findMany({ where: { planId }, select: PLACE });
  const places = new Map(stored.map(({ id, ...place }) => [id, place]));
  const before = new Map(tasksOf(edit.before).map((task) => [task.id, task]));
  const after = placesOf(edit);
  const gone = [...before.keys()].filter((id) => !after.has(id));
  await db.planTask.deleteMany({ where: { id: { in: gone } } });
  await savePhases(db, planId, edit);
  for (const [id, { task, place }] of after) {
    if (!equal(before.get(id), task)) await saveTask(db, planId, ids, task, place);
    else if (!isAt(places.get(id), place)) await db.planTask.update({ where: { id }, data: place });
  }
  // Only now: a task that moved out of such a phase must not go with it.
  const kept = new Set(edit.after.phases.map((phase) => phase.id));
  const phases = edit.before.phases.map((phase) => phase.id).filter((id) => !kept.has(id));
  await db.phase.deleteMany({ where: { id: { in: phases } } });
  await saveEdges(db, planId, edit);
  await savePlan(db, planId, ids, edit);
}

const PLACE = { id: true, phaseId: true, place: true, openDependencies: true } as const;

interface Place {
  readonly phaseId: string;
  /** 1-based within the phase. */
  readonly place: number;
  readonly openDependencies: number;
}

function placesOf({ after, edges }: DraftEdit): Map<string, { task: DraftTask; place: Place }> {
  const waits = new Map<string, number>();
  for (const edge of edges) waits.set(edge.task, (waits.get(edge.task) ?? 0) + 1);
  const places = new Map<string, { task: DraftTask; place: Place }>();
  for (const { id: phaseId, tasks } of after.phases) {
    tasks.forEach((task, index) => {
      const openDependencies = waits.get(task.key) ?? 0;
      places.set(task.id, { task, place: { phaseId, place: index + 1, openDependencies } });
    });
  }
  return places;
}

function isAt(stored: Place | undefined, { phaseId, place, openDependencies }: Place): boolean {
  return (
    stored?.phaseId === phaseId && stored.place === place && stored.openDependencies === openDependencies
  );
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

async function savePhases(db: DatabaseTx, planId: string, { before, after }: DraftEdit): Promise<void> {
  const old = new Map(before.phases.map((phase, index) => [phase.id, phaseColumns(phase, index)]));
  const changed = after.phases
    .map((phase, index) => ({ id: phase.id, ...phaseColumns(phase, index) }))
    .filter(({ id, ...data }) => !equal(old.get(id), data));
  // Positions are unique: everything moves out of the way before anything takes its new one.
  const present = new Set(after.phases.map((phase) => phase.id));
  const away = [...changed, ...before.phases.filter(({ id }) => !present.has(id))].map(({ id }) => id);
  await db.phase.updateMany({ where: { id: { in: away } }, data: { position: { multiply: -1 } } });
  for (const { id, ...data } of changed) {
    await db.phase.upsert({
      where: { id },
      create: { id, planId, status: 'pending', ...data },
      update: data,
    });
  }
}

function phaseColumns(phase: DraftPhase, index: number) {
  return {
    position: index + 1,
    name: phase.name,
    description: phase.description,
    mode: phase.mode,
    approval: phase.mode === 'manual' ? 'before_task' : 'none',
    successCriteria: [...phase.successCriteria],
    openTasks: phase.tasks.length,
  };
}

async function saveTask(
  db: DatabaseTx,
  planId: string,
  ids: Ids,
  task: DraftTask,
  place: Place,
): Promise<void> {
  const { id, number, spec } = task;
  const specId = spec === null ? null : await saveSpec(db, planId, ids, spec);
  const data = { ...columnsOf(task), ...place, specId };
  const create = { id, planId, number, status: 'pending', ...data };
  await db.planTask.upsert({ where: { id }, create, update: data });
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
  const rows = edges.flatMap(({ task, dependsOn, kind }) => {
    const [taskId, dependsOnId] = [idOf.get(task), idOf.get(dependsOn)];
    return taskId === undefined || dependsOnId === undefined ? [] : [{ taskId, dependsOnId, kind }];
  });
  const nameOf = (row: { taskId: string; dependsOnId: string; kind: string }) =>
    `${row.taskId} ${row.dependsOnId} ${row.kind}`;
  const stored = await db.taskDependency.findMany({ where: { task: { planId } } });
  const [old, now] = [new Set(stored.map(nameOf)), new Set(rows.map(nameOf))];
  for (const { taskId, dependsOnId } of stored.filter((row) => !now.has(nameOf(row))))
    await db.taskDependency.delete({ where: { taskId_dependsOnId: { taskId, dependsOnId } } });
  await db.taskDependency.createMany({ data: rows.filter((row) => !old.has(nameOf(row))) });
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
