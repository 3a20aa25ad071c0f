import type { Change, Guard } from '#domain/plan/decision.js';
import { INTEGRATION_MACHINE } from '#domain/plan/integration.machine.js';
import { isFinal } from '#domain/plan/machine.js';
import { PHASE_MACHINE } from '#domain/plan/phase.machine.js';
import { TASK_WAITING } from '#domain/plan/task.machine.js';
import { RUN_MACHINE } from '#domain/plan/verification-run.machine.js';
import { Fenced } from '#engine/fenced.js';
import type { DatabaseTx } from './database.js';
import { type Prisma } from './generated/client.js';
import { storableJson, storableText } from './storable.js';

/**
 * The only place where a status is written. Every write names the status (and token and epoch) it expects; a write
 * that meets no row throws Fenced, which undoes the transaction.
 */

export interface TransitionContext {
  readonly db: DatabaseTx;
  readonly planId: string;
  readonly epoch: number;
  /** The database's clock: leases and backoff use no other. */
  readonly now: Date;
  readonly leaseMs: number;
  /** Who takes leases: shown to people, compared by nobody. */
  readonly holder: string;
  readonly actorId: string;
}

type ChangeOf<E extends Change['entity']> = Extract<Change, { entity: E }>;
type Writers = {
  readonly [E in Change['entity']]: (context: TransitionContext, change: ChangeOf<E>) => Promise<void>;
};

/** @throws Fenced */
export async function applyChange(context: TransitionContext, change: Change): Promise<void> {
  const write = WRITERS[change.entity] as (context: TransitionContext, change: Change) => Promise<void>;
  await write(context, change);
}

const WRITERS: Writers = {
  async plan({ db, planId, now }, { from, to, set }) {
    const { count } = await db.plan.updateMany({
      where: { id: planId, status: from },
      data: {
        status: to,
        ...set,
        ...(to === 'running' ? { pauseReason: null, pauseNote: null } : {}),
        ...(to === 'running' && from === 'ready' ? { startedAt: now } : {}),
        ...(to === 'completed' || to === 'failed' || to === 'cancelled' ? { finishedAt: now } : {}),
      },
    });
    expectOne(count, `plan ${from} → ${to}`);
  },

  async tip({ db, planId }, { from, to }) {
    const { count } = await db.plan.updateMany({
      where: { id: planId, tipCommit: from },
      data: { tipCommit: to },
    });
    expectOne(count, 'plan tip');
  },

  async counters({ db, planId }, { activeTasks, openPhases }) {
    await db.plan.update({
      where: { id: planId },
      data: { activeTasks: { increment: activeTasks }, openPhases: { increment: openPhases } },
    });
  },

  async phase({ db, now }, { id, from, to }) {
    const { count } = await db.phase.updateMany({
      where: { id, status: from },
      data: {
        status: to,
        ...(to === 'running' ? { startedAt: now } : {}),
        ...(isFinal(PHASE_MACHINE, to) ? { finishedAt: now } : {}),
      },
    });
    expectOne(count, `phase ${from} → ${to}`);
  },

  async open_tasks({ db }, { phaseId, delta }) {
    await db.phase.update({ where: { id: phaseId }, data: { openTasks: { increment: delta } } });
  },

  async task({ db, now, actorId }, { id, from, to, set }) {
    const { notBeforeMs, approvedBy, ...columns } = set;
    const { count } = await db.planTask.updateMany({
      where: { id, status: from },
      data: {
        status: to,
        ...columns,
        notBefore: notBeforeMs === undefined ? null : new Date(now.getTime() + notBeforeMs),
        ...(approvedBy === undefined ? {} : { approvedBy: actorId, approvedAt: now }),
        ...(to === 'executing' ? { startedAt: now } : {}),
        ...(to === 'completed' || to === 'satisfied' ? { completedAt: now } : {}),
      },
    });
    expectOne(count, `task ${from} → ${to}`);
  },

  async attempt(context, change) {
    const { db, epoch, now } = context;
    const { id, token, from, to, set } = change;
    const { input, message, output, ...columns } = set;
    const { count } = await db.taskAttempt.updateMany({
      where: { id, status: from, token, epoch: change.epoch ?? epoch },
      data: {
        status: to,
        ...columns,
        ...lease(context, change),
        ...(message === undefined ? {} : { message: storableText(message) }),
        ...(output === undefined ? {} : { output: storableText(output) }),
        ...(input === undefined ? {} : { input: storableJson(input) as Prisma.InputJsonValue }),
        ...(to === 'running' ? { startedAt: now } : { finishedAt: now }),
      },
    });
    expectOne(count, `attempt ${from} → ${to}`);
  },

  async run(context, change) {
    const { db, epoch, now } = context;
    const { id, token, from, to, set } = change;
    const { count } = await db.verificationRun.updateMany({
      where: { id, status: from, token, epoch: change.epoch ?? epoch },
      data: {
        status: to,
        ...lease(context, change),
        ...(set.verdict === undefined ? {} : { verdict: storableJson(set.verdict) as Prisma.InputJsonValue }),
        ...(to === 'running' ? { startedAt: now } : {}),
        ...(isFinal(RUN_MACHINE, to) ? { finishedAt: now } : {}),
      },
    });
    expectOne(count, `verification run ${from} → ${to}`);
  },

  async integration(context, change) {
    const { db, epoch, now } = context;
    const { id, token, from, to, set } = change;
    const { intent, message, ...columns } = set;
    const { count } = await db.integration.updateMany({
      where: { id, status: from, token, epoch: change.epoch ?? epoch },
      data: {
        status: to,
        ...columns,
        ...lease(context, change),
        ...(message === undefined ? {} : { message: storableText(message) }),
        ...(intent === undefined
          ? {}
          : { intentToken: intent.token, intentOldTip: intent.oldTip, intentNewTip: intent.newTip }),
        // Waiting for a worker counts from here, not from the delivery before.
        ...(to === 'verified' ? { deliveredAt: now } : {}),
        ...(isFinal(INTEGRATION_MACHINE, to) ? { finishedAt: now } : {}),
      },
    });
    expectOne(count, `integration ${from} → ${to}`);
  },

  async new_attempt({ db, planId, epoch }, { id, taskId, number }) {
    await db.taskAttempt.create({ data: { id, planId, taskId, number, epoch, status: 'queued' } });
  },

  async new_run({ db, planId, epoch }, { entity: _, ...columns }) {
    await db.verificationRun.create({ data: { ...columns, planId, epoch, status: 'queued' } });
  },

  async new_integration({ db, planId, epoch, now }, { entity: _, ...columns }) {
    await db.integration.create({ data: { ...columns, planId, epoch, status: 'queued', deliveredAt: now } });
  },

  async cancel_waiting({ db, planId }) {
    await db.planTask.updateMany({
      where: { planId, status: { in: [...TASK_WAITING] } },
      data: { status: 'cancelled' },
    });
  },

  async release_phase({ db }, { phaseId }) {
    await db.planTask.updateMany({
      where: { phaseId, status: 'pending', openDependencies: 0 },
      data: { status: 'ready' },
    });
  },

  async release_dependants({ db }, { taskId }) {
    await db.$executeRaw`
      UPDATE plan_tasks t
         SET open_dependencies = t.open_dependencies - 1,
             status = CASE WHEN t.open_dependencies = 1 AND t.status = 'pending' AND p.status = 'running'
                           THEN 'ready' ELSE t.status END
        FROM task_dependencies d, phases p
       WHERE d.depends_on_id = ${taskId}::uuid AND t.id = d.task_id AND p.id = t.phase_id`;
  },
};

function lease({ now, leaseMs, holder }: TransitionContext, { lease }: Guard): object {
  switch (lease) {
    case 'take':
      return { token: { increment: 1 }, holder, leaseUntil: new Date(now.getTime() + leaseMs) };
    case 'clear':
      return { leaseUntil: null };
    case 'keep':
      return {};
  }
}

function expectOne(count: number, what: string): void {
  if (count !== 1) throw new Fenced(what);
}
