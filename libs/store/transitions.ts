import type { Guard } from '#domain/plan/change.js';
import { DELIVERY_OPEN } from '#domain/plan/delivery.machine.js';
import { INTEGRATION_MACHINE } from '#domain/plan/integration.machine.js';
import { isFinal } from '#domain/plan/machine.js';
import { PHASE_ENDED } from '#domain/plan/phase.machine.js';
import {
  TASK_DONE,
  TASK_ENDED,
  TASK_OPEN_TO_EDITS,
  TASK_WAITING,
  type TaskStatus,
} from '#domain/plan/task.machine.js';
import { RUN_MACHINE } from '#domain/plan/verification-run.machine.js';
import { assign, followTasks, moveAssignment } from './assignments.js';
import { OPEN_INTEGRATIONS, OPEN_RUNS } from './open-work.js';
import { RECOUNT_PHASES, RECOUNT_TASKS } from './recount-statements.js';
import type { SqlTx } from './sql.js';
import { storableJson, storableText } from './storable.js';
import * as statement from './transition-statements.js';
import type { ChangeOf, WriteBatch } from './write-batch.js';

/**
 * The only place where a status is written. Every write names the status (and token and epoch) it expects; a write
 * that meets no row raises `fenced` in the database, which undoes the transaction.
 */

export interface TransitionContext {
  readonly tx: SqlTx;
  readonly planId: string;
  /** The plan's epoch before this decision: what leased rows must have. */
  readonly epoch: number;
  /** The database's clock: leases and backoff use no other. */
  readonly now: Date;
  readonly leaseMs: number;
  /** Who takes leases: shown to people, compared by nobody. */
  readonly holder: string;
  readonly actorId: string;
}

/** Sends every write but those to the plan's own row, which `writePlan` does. */
export function writeChanges(context: TransitionContext, batch: WriteBatch): void {
  const epoch = batch.plan[0]?.set.epoch ?? context.epoch;
  writePhases(context, batch.phase);
  writeTasks(context, batch.task);
  const attempts = batch.attempt.map(attemptColumns);
  writeLeased(context, ATTEMPTS, attempts);
  writeLeased(context, RUNS, batch.run.map(runColumns));
  writeLeased(context, INTEGRATIONS, batch.integration.map(integrationColumns));
  writeNew(context, epoch, batch);
  writeMany(context, epoch, batch);
  writeAssignments(context, batch);
}

interface LeasedTable {
  readonly table: string;
  readonly text: (rows: readonly LeasedRow[]) => string;
  readonly what: string;
}

const ATTEMPTS: LeasedTable = { table: 'task_attempts', text: statement.moveAttempts, what: 'attempt' };
const RUNS: LeasedTable = {
  table: 'verification_runs',
  text: () => statement.MOVE_RUNS,
  what: 'verification run',
};
const INTEGRATIONS: LeasedTable = {
  table: 'integrations',
  text: () => statement.MOVE_INTEGRATIONS,
  what: 'integration',
};

function writePhases({ tx, now }: TransitionContext, changes: WriteBatch['phase']): void {
  if (changes.length === 0) return;
  const rows = changes.map(({ id, from, to }) => ({ id, from, to, ended: PHASE_ENDED.includes(to) }));
  const values = [JSON.stringify(rows), now];
  const meets = { rows: rows.length, what: 'phase' };
  tx.join({ tables: ['phases'], text: statement.MOVE_PHASES, values, meets });
}

function writeTasks({ tx, now, actorId }: TransitionContext, changes: WriteBatch['task']): void {
  if (changes.length === 0) return;
  const rows = changes.map(({ id, from, to, set }) => ({
    ...{ id, from, to, set },
    ...('approvedBy' in set ? { actor: actorId } : {}),
  }));
  tx.join({
    tables: ['plan_tasks'],
    text: statement.moveTasks(rows),
    values: [JSON.stringify(rows), now],
    meets: { rows: rows.length, what: 'task' },
  });
}

interface LeasedRow extends Guard {
  readonly from: string;
  readonly to: string;
  readonly set: object;
}

function writeLeased(
  { tx, epoch, now, leaseMs, holder }: TransitionContext,
  { table, text, what }: LeasedTable,
  rows: readonly LeasedRow[],
): void {
  if (rows.length === 0) return;
  const stored = rows.map((row) => ({ ...row, epoch: row.epoch ?? epoch }));
  tx.join({
    tables: [table],
    text: text(rows),
    values: [JSON.stringify(stored), now, leaseMs, holder],
    meets: { rows: rows.length, what },
  });
}

function attemptColumns({ set, ...row }: ChangeOf<'attempt'>): LeasedRow {
  const { input, result, message, output, ...columns } = set;
  return {
    ...row,
    set: {
      ...columns,
      ...(message === undefined ? {} : { message: message === null ? null : storableText(message) }),
      ...(output === undefined ? {} : { output: storableText(output) }),
      ...(input === undefined ? {} : { input: storableJson(input) }),
      ...(result === undefined ? {} : { result: storableJson(result) }),
    },
  };
}

function runColumns({ set, ...row }: ChangeOf<'run'>): LeasedRow {
  const verdict = set.verdict === undefined ? {} : { verdict: storableJson(set.verdict) };
  const under = set.judgedUnder === undefined ? {} : { judgedUnder: set.judgedUnder };
  return { ...row, set: { ...verdict, ...under, ended: isFinal(RUN_MACHINE, row.to) } };
}

function integrationColumns({ set, ...row }: ChangeOf<'integration'>): LeasedRow {
  const { intent, message, ...columns } = set;
  return {
    ...row,
    set: {
      ...columns,
      ...(message === undefined ? {} : { message: storableText(message) }),
      ...(intent === undefined
        ? {}
        : { intentToken: intent.token, intentOldTip: intent.oldTip, intentNewTip: intent.newTip }),
      ended: isFinal(INTEGRATION_MACHINE, row.to),
    },
  };
}

/** A task in one of these has no attempt that is open. */
const NO_ATTEMPT: readonly TaskStatus[] = ['pending', 'ready'];

function writeNew(context: TransitionContext, epoch: number, batch: WriteBatch): void {
  const { tx, planId, now, leaseMs, holder } = context;
  const insert = (text: string, rows: readonly object[], ...more: unknown[]) => {
    if (rows.length > 0) tx.send(text, [planId, epoch, JSON.stringify(rows), ...more]);
  };
  if (batch.new_attempt.length > 0) {
    const idle = new Set(batch.task.flatMap(({ id, from }) => (NO_ATTEMPT.includes(from) ? [id] : [])));
    tx.join({
      tables: ['task_attempts'],
      text: statement.NEW_ATTEMPTS,
      values: [planId, epoch, JSON.stringify(batch.new_attempt), now, leaseMs, holder],
      adds: batch.new_attempt.every(({ taskId }) => idle.has(taskId)),
    });
  }
  insert(statement.NEW_INTEGRATIONS, batch.new_integration, now);
  insert(statement.NEW_RUNS, batch.new_run);
  if (batch.new_signal.length > 0) {
    const signals = JSON.stringify(storableJson(batch.new_signal));
    const meets = { rows: batch.new_signal.length, what: 'signal' };
    const values = [planId, signals, context.actorId];
    tx.join({ tables: ['plan_signals'], text: statement.NEW_SIGNALS, values, meets });
  }
  for (const { message } of batch.end_iterations) tx.send(statement.END_ITERATIONS, [planId, message]);
  for (const { entity: _, ...iteration } of batch.new_iteration)
    addIteration(tx, planId, { ...iteration, actorId: context.actorId });
  writeRewinds(context, batch);
  writeQuestions(context, batch);
  writeDeliveries(context, batch);
}

function writeQuestions({ tx, planId, now, actorId }: TransitionContext, batch: WriteBatch): void {
  for (const { id, taskId, attemptId, question } of batch.new_question)
    tx.send(statement.NEW_QUESTION, [id, planId, taskId, attemptId, storableText(question), now]);
  for (const { taskId, answer } of batch.answer_question)
    tx.join({
      tables: ['task_questions'],
      text: statement.ANSWER_QUESTION,
      values: [taskId, storableText(answer), now, actorId],
      meets: { rows: 1, what: 'question' },
    });
}

function writeRewinds({ tx, planId, now, actorId }: TransitionContext, batch: WriteBatch): void {
  for (const { id, lineage, target, from, to, toSeq, keepIndependent } of batch.new_rewind)
    tx.send(statement.NEW_REWIND, [id, planId, lineage, target, from, to, toSeq, keepIndependent, actorId]);
  for (const { id, status, message } of batch.end_rewind)
    tx.join({
      tables: ['plan_rewinds'],
      text: statement.END_REWIND,
      values: [id, planId, status, message, now],
      meets: { rows: 1, what: 'rewind' },
    });
}

function writeDeliveries({ tx, planId, epoch, now, actorId }: TransitionContext, batch: WriteBatch): void {
  for (const { id, way, executor, targetBranch, tipCommit } of batch.new_delivery) {
    const config = executor === null ? null : JSON.stringify(executor);
    tx.send(statement.NEW_DELIVERY, [id, planId, way, config, targetBranch, tipCommit, epoch, actorId, now]);
  }
  for (const { entity: _, ...row } of batch.delivery) {
    const ended = !DELIVERY_OPEN.includes(row.to);
    const stored = JSON.stringify(storableJson({ ...row, ended }));
    const values = [stored, planId, epoch, now];
    const meets = { rows: 1, what: 'delivery' };
    tx.join({ tables: ['plan_deliveries'], text: statement.MOVE_DELIVERY, values, meets });
  }
}

/** In this order: what is cancelled must not become ready, and a phase that just opened lets its tasks go. */
function writeMany({ tx, planId, now }: TransitionContext, epoch: number, batch: WriteBatch): void {
  if (batch.adopt_epoch.length > 0) adoptEpoch(tx, planId, epoch);
  if (batch.announce.length > 0) {
    const told = batch.announce.map(({ taskId }) => taskId);
    const meets = { rows: told.length, what: 'task' };
    tx.join({ tables: ['plan_tasks'], text: statement.ANNOUNCE, values: [told, now], meets });
  }
  if (batch.measured.length > 0)
    tx.join({
      tables: ['plan_tasks'],
      text: statement.MEASURED,
      values: [JSON.stringify(batch.measured)],
      meets: { rows: batch.measured.length, what: 'task' },
    });
  if (batch.cancel_waiting.length > 0) tx.send(statement.CANCEL_WAITING, [planId, TASK_WAITING]);
  if (batch.open_tasks.length > 0)
    tx.join({
      tables: ['phases'],
      text: statement.COUNT_OPEN_TASKS,
      values: [JSON.stringify(byPhase(batch.open_tasks))],
    });
  if (batch.release_dependants.length > 0)
    tx.join({
      tables: ['plan_tasks', 'phases'],
      text: statement.RELEASE_DEPENDANTS,
      values: [batch.release_dependants.map(({ taskId }) => taskId)],
    });
  if (batch.block_dependants.length > 0)
    tx.send(statement.BLOCK_DEPENDANTS, [batch.block_dependants.map(({ taskId }) => taskId)]);
  if (batch.unblock_dependants.length > 0)
    tx.send(statement.UNBLOCK_DEPENDANTS, [batch.unblock_dependants.map(({ taskId }) => taskId), planId]);
  if (batch.release_phase.length > 0)
    tx.send(statement.RELEASE_PHASES, [batch.release_phase.map(({ phaseId }) => phaseId)]);
  if (batch.recount.length > 0) recount(tx, planId, []);
}

/** One row of each phase: a statement writes a row once. */
function byPhase(changes: WriteBatch['open_tasks']): { phaseId: string; delta: number }[] {
  const deltas = new Map<string, number>();
  for (const { phaseId, delta } of changes) deltas.set(phaseId, (deltas.get(phaseId) ?? 0) + delta);
  return [...deltas].map(([phaseId, delta]) => ({ phaseId, delta }));
}

/** After the tasks: what is theirs follows them, in whatever way they moved. */
function writeAssignments(context: TransitionContext, batch: WriteBatch): void {
  const { tx, planId, now } = context;
  if (batch.cancel_waiting.length + batch.recount.length > 0) followTasks(tx, { planId }, context);
  else if (batch.follow_task.length > 0)
    followTasks(tx, { taskIds: batch.follow_task.map(({ taskId }) => taskId) }, context);
  for (const move of batch.assignment) moveAssignment(tx, move, now);
  for (const { taskId, assignment } of batch.assign) assign(tx, { taskId }, assignment, context);
}

function adoptEpoch(tx: SqlTx, planId: string, epoch: number): void {
  const [runs, integrations, attempts] = statement.ADOPT_EPOCH;
  tx.send(runs, [planId, epoch, OPEN_RUNS]);
  tx.send(integrations, [planId, epoch, OPEN_INTEGRATIONS]);
  tx.send(attempts, [planId, epoch, TASK_ENDED]);
}

/** Tables that are joined, and whose rows cannot change once their plan is archived. */
const GUARDED = [
  'phases',
  'plan_tasks',
  'task_attempts',
  'verification_runs',
  'integrations',
  'plan_signals',
  'task_questions',
  'task_assignments',
  'plan_rewinds',
  'plan_deliveries',
  'plan_events',
] as const;

/** What a decision makes of the plan's own row: one write, which every decision ends with. */
export function writePlan(
  { tx, planId, now }: Pick<TransitionContext, 'tx' | 'planId' | 'now'>,
  batch: Pick<WriteBatch, 'plan' | 'tip' | 'counters'>,
  chain: { readonly seq: number; readonly hash: string },
): void {
  const { plan, tip, counters } = batch;
  const to = plan[0]?.to;
  const set = {
    ...(to === 'running' ? { pauseReason: null, pauseNote: null } : {}),
    ...plan[0]?.set,
    ...(tip[0] === undefined ? {} : { tipCommit: tip[0].to }),
    ...(to === undefined ? {} : { status: to }),
    started: to === 'running' && plan[0]?.from === 'ready',
    finished: to === 'completed' || to === 'failed' || to === 'cancelled',
  };
  tx.join({
    // What guards the rows of an archived plan looks at its status.
    tables: to === undefined ? ['plans'] : ['plans', ...GUARDED],
    text: statement.UPDATE_PLAN,
    values: [
      planId,
      plan[0]?.from ?? null,
      tip[0]?.from ?? null,
      JSON.stringify(set),
      now,
      counters.reduce((sum, { activeTasks }) => sum + activeTasks, 0),
      counters.reduce((sum, { openPhases }) => sum + openPhases, 0),
      chain.seq,
      chain.hash,
    ],
    meets: { rows: 1, what: 'plan' },
  });
}

/** One edit, or one decision, of a person about the plan as a whole, numbered within it; or work that a model is to do. */
export function addIteration(
  tx: SqlTx,
  planId: string,
  iteration: Omit<ChangeOf<'new_iteration'>, 'entity' | 'kind'> & {
    readonly kind: ChangeOf<'new_iteration'>['kind'] | 'edit';
    readonly actorId: string;
  },
): void {
  const { id, kind, actorId, summary, changes, request } = iteration;
  const json = (value: unknown): string => JSON.stringify(storableJson(value));
  const asked = request === undefined ? null : json(request);
  tx.send(statement.NEW_ITERATION, [id, planId, kind, actorId, storableText(summary), json(changes), asked]);
}

/**
 * After an edit of the structure, or a rewind: counters, and what is ready, follow from it.
 *
 * @param anew ids of tasks whose executor is another one: a wait begins again
 */
export function recount(tx: SqlTx, planId: string, anew: readonly string[]): void {
  const untouched = TASK_OPEN_TO_EDITS.filter((status) => status !== 'failed');
  tx.send(RECOUNT_TASKS, [planId, TASK_DONE, untouched, anew]);
  tx.send(RECOUNT_PHASES, [planId, TASK_ENDED]);
}
