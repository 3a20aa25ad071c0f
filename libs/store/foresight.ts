import type { StepPlace } from '#engine/ports/steps.port.js';
import { startableAfter } from './dispatch-reads.js';
import { seePlan, type OpenPlan } from './lock-plan.js';
import type { SeenPlan } from './seen-plan.js';
import type { SqlTx } from './sql.js';
import type { StepRow } from './step-reads.js';

/** What was seen longer ago is not worth a try, and the clock of this process may have drifted from the database's. */
const LONGEST_MS = 2_000;
const MOST_PLANS = 64;

/**
 * Knows what the end of steps will look at while they run, so that a short step does not wait for it: their end is then
 * one turn with the database, which is refused when the plan has changed since. What a transaction itself has made of the
 * plan is not read again.
 */
export class Foresight {
  private readonly looks = new Map<string, Promise<SeenPlan | null>>();
  /** Steps of each plan that were begun here, and are not known to have ended. */
  private readonly running = new Map<string, Map<string, StepPlace>>();

  /**
   * A transaction that ended and began steps is about to be committed.
   *
   * @param db sends reads with its commit
   * @returns resolves when all is seen, rejects when it could not be: the end of the steps asks then
   */
  async look(
    { tx, version }: OpenPlan,
    ended: readonly StepPlace[],
    begun: readonly StepPlace[],
    db: Pick<SqlTx, 'rows'>,
  ): Promise<void> {
    const planId = tx.plan.id;
    const running = this.stillRunning(planId, ended, begun);
    if (running.length === 0) return;
    const after = tx.after();
    const knows = after !== null && isOf(after.steps.rows, running);
    const look = (knows ? derive(after, version, db) : seePlan(db, planId, running)).then((seen) =>
      this.keepRunning(planId, seen),
    );
    this.looks.set(
      planId,
      look.catch(() => null),
    );
    await look;
  }

  /** What was seen, once; null where that is nothing for these steps, or old. */
  async take(planId: string, steps: readonly StepPlace[]): Promise<SeenPlan | null> {
    const looked = this.looks.get(planId);
    this.looks.delete(planId);
    const seen = (await looked) ?? null;
    if (seen === null || performance.now() - seen.clockReadAt > LONGEST_MS) return null;
    return steps.length > 0 && isOf(seen.steps.rows, steps) ? seen : null;
  }

  private stillRunning(
    planId: string,
    ended: readonly StepPlace[],
    begun: readonly StepPlace[],
  ): readonly StepPlace[] {
    const running = this.running.get(planId) ?? new Map<string, StepPlace>();
    for (const { attemptId } of ended) running.delete(attemptId);
    for (const { attemptId, taskId } of begun) running.set(attemptId, { attemptId, taskId });
    this.running.delete(planId);
    if (running.size === 0) return [];
    if (this.running.size >= MOST_PLANS) this.forgetAll();
    this.running.set(planId, running);
    return [...running.values()];
  }

  /** What ended in another way is not among what was seen. */
  private keepRunning(planId: string, seen: SeenPlan | null): SeenPlan | null {
    const found = new Set(seen?.steps.rows.map(({ attempt }) => attempt.id));
    const running = this.running.get(planId);
    for (const id of running?.keys() ?? []) if (!found.has(id)) running?.delete(id);
    return seen;
  }

  private forgetAll(): void {
    this.looks.clear();
    this.running.clear();
  }
}

/** Whether all of these steps are among the rows. */
function isOf(rows: readonly StepRow[], steps: readonly StepPlace[]): boolean {
  const known = new Set(rows.map(({ attempt }) => attempt.id));
  return steps.every(({ attemptId }) => known.has(attemptId));
}

/** The plan as the transaction leaves it. */
async function derive(
  { plan, clockReadAt, steps }: NonNullable<ReturnType<OpenPlan['tx']['after']>>,
  version: Promise<string>,
  db: Pick<SqlTx, 'rows'>,
): Promise<SeenPlan> {
  const taskIds = steps.rows.map(({ task }) => task.id);
  // Whatever needs no slot was let go by the transaction, which had a look at all of it; but what asks first is on its way.
  const asks = steps.rows.some(({ phase }) => phase.approval === 'before_task' || phase.approval === 'both');
  const [own, startable] = await Promise.all([
    version,
    steps.startable ?? startableAfter(db, plan.id, taskIds, asks),
  ]);
  return { plan, clockReadAt, version: own, steps: { ...steps, startable } };
}
