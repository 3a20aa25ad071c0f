import type { Ids } from '#engine/ports/ids.port.js';
import type { NewPlan } from '#engine/ports/new-plan.js';
import type { Database, DatabaseTx } from './database.js';
import { appendEvents } from './events.js';
import type { Prisma } from './generated/client.js';

/** Writes a validated plan with everything below it in one transaction; it is `ready` to start. */
export async function createPlan(
  db: Database,
  plan: NewPlan,
  ids: Ids,
): Promise<{ id: string; number: number }> {
  return db.$transaction(async (tx) => {
    const number = await nextNumber(tx);
    await tx.plan.create({
      data: {
        id: plan.id,
        number,
        repositoryId: plan.repositoryId,
        name: plan.name,
        description: plan.description,
        metadata: plan.metadata as Prisma.InputJsonObject,
        status: 'ready',
        baseBranch: plan.baseBranch,
        baseCommit: plan.baseCommit,
        targetBranch: plan.targetBranch,
        branch: branchName(number, plan.name),
        tipCommit: plan.baseCommit,
        concurrency: plan.concurrency,
        maxAttempts: plan.maxAttempts,
        openPhases: plan.phases.length,
        taskCounter: plan.phases.reduce((sum, phase) => sum + phase.tasks.length, 0),
        warnings: [...plan.warnings],
        createdBy: plan.actorId,
      },
    });
    const taskIds = await createPhases(tx, plan, ids);
    await tx.taskDependency.createMany({
      data: plan.edges.map((edge) => ({
        taskId: idOf(taskIds, edge.task),
        dependsOnId: idOf(taskIds, edge.dependsOn),
        kind: edge.kind,
      })),
    });
    await tx.planIteration.create({
      data: {
        id: ids.next(),
        planId: plan.id,
        number: 1,
        kind: 'created',
        actorId: plan.actorId,
        summary: `Plan created: ${plan.name}`,
      },
    });
    const rows = await tx.$queryRaw<{ now: Date }[]>`SELECT clock_timestamp() AS now`;
    await appendEvents(tx, {
      planId: plan.id,
      chain: { seq: 0, hash: '' },
      events: [
        { type: 'plan.created', payload: { name: plan.name, base: plan.baseCommit, tasks: taskIds.size } },
      ],
      actorId: plan.actorId,
      at: rows[0]?.now ?? new Date(0),
    });
    return { id: plan.id, number };
  });
}

async function createPhases(tx: DatabaseTx, plan: NewPlan, ids: Ids): Promise<Map<string, string>> {
  const taskIds = new Map<string, string>();
  const open = new Map<string, number>();
  for (const edge of plan.edges) open.set(edge.task, (open.get(edge.task) ?? 0) + 1);
  let number = 0;
  for (const [index, phase] of plan.phases.entries()) {
    const phaseId = ids.next();
    await tx.phase.create({
      data: {
        id: phaseId,
        planId: plan.id,
        position: index + 1,
        name: phase.name,
        description: phase.description,
        mode: phase.mode,
        approval: phase.approval,
        successCriteria: [...phase.successCriteria],
        status: 'pending',
        openTasks: phase.tasks.length,
      },
    });
    const specs: Prisma.PlanSpecCreateManyInput[] = [];
    const tasks: Prisma.PlanTaskCreateManyInput[] = [];
    for (const [place, task] of phase.tasks.entries()) {
      const id = ids.next();
      taskIds.set(task.key, id);
      number += 1;
      const specId = task.spec === null ? null : ids.next();
      if (task.spec !== null && specId !== null) {
        specs.push({
          id: specId,
          planId: plan.id,
          specYaml: task.spec.yaml,
          specType: 'strict',
          hash: task.spec.hash,
        });
      }
      tasks.push({
        id,
        planId: plan.id,
        phaseId,
        place: place + 1,
        number,
        key: task.key,
        title: task.title,
        prompt: task.prompt,
        status: 'pending',
        executor: task.executor as unknown as Prisma.InputJsonObject,
        mayChange: [...task.mayChange],
        writeScope: [...task.writeScope],
        specId,
        maxAttempts: task.maxAttempts,
        openDependencies: open.get(task.key) ?? 0,
      });
    }
    await tx.planSpec.createMany({ data: specs });
    await tx.planTask.createMany({ data: tasks });
  }
  return taskIds;
}

async function nextNumber(tx: DatabaseTx): Promise<number> {
  const rows = await tx.$queryRaw<
    { number: bigint }[]
  >`SELECT nextval(pg_get_serial_sequence('plans', 'number')) AS number`;
  return Number(rows[0]?.number);
}

/** `planwright/12-migrate-authentication`: the number makes it unique, the name makes it readable. */
function branchName(number: number, name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 48)
    .replace(/-$/, '');
  return slug === '' ? `planwright/${number}` : `planwright/${number}-${slug}`;
}

function idOf(ids: ReadonlyMap<string, string>, key: string): string {
  const id = ids.get(key);
  if (id === undefined) throw new Error(`no task has the key "${key}"`);
  return id;
}
