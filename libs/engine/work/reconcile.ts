import { decideAbandoned } from '#domain/plan/decisions/by-hand.js';
import { decideAttemptFailed } from '#domain/plan/decisions/execution.js';
import type { Stage } from '#domain/plan/decision.js';
import type { EngineDeps, OriginDeps } from '../deps.js';
import type { Overdue } from '../ports/store.port.js';
import { publishPlan } from '../commands/publish-plan.command.js';
import { flush, onPlan, unlessFenced } from '../unit-of-work.js';
import { finishArchive } from './finish-archive.js';
import { finishCancel } from './finish-cancel.js';
import { finishRewind } from './finish-rewind.js';
import { settleWaits } from './settle-waits.js';

const BATCH = 100;
/** A push to an origin may take long. */
const PUBLISH_HOLD_MS = 30_000;
const GRACE_EVERY_LEASES = 2;
const STAGES: { readonly [E in Overdue['entity']]: Stage } = {
  attempt: 'execute',
  run: 'verify',
  integration: 'integrate',
  judgement: 'judge',
  generation: 'generate',
  review: 'review',
};

/**
 * Brings back what crashes, flushes and late clocks lost: leases that are over, deliveries that never arrived, ready
 * tasks whose backoff is over or that other plans left a slot for, waits that are over, effects left in the outbox,
 * cancellations, archives and rewinds that stopped half-way. Any number of these may run side by side.
 */
export class Reconciler {
  private lastGoodTick: number | null = null;
  private graceUntil = Number.NEGATIVE_INFINITY;

  constructor(private readonly deps: OriginDeps) {}

  /** Runs until the returned function is called. */
  start(): () => void {
    const { clock, leaseMs } = this.deps;
    return clock.every(Math.min(1_000, leaseMs / 4), () => this.tick());
  }

  async tick(): Promise<void> {
    const { deps } = this;
    try {
      this.watchForGap();
      await this.sweepOutbox();
      if (deps.clock.monotonic() >= this.graceUntil) {
        for (const overdue of await deps.store.overdue(BATCH)) await this.bringBack(overdue);
      }
      for (const planId of await deps.store.plansWithDueWaits(BATCH)) await settleWaits(deps, planId);
      for (const planId of await deps.store.plansToDispatch(BATCH))
        await onPlan(deps, planId, async () => {});
      for (const planId of await deps.store.plansToCancel(BATCH))
        await this.end(planId, 'cancelled', () => finishCancel(deps, planId, deps.systemActorId));
      for (const planId of await deps.store.plansToRewind(BATCH))
        await this.end(planId, 'rewound', () => finishRewind(deps, planId));
      for (const planId of await deps.store.plansToArchive(BATCH))
        await this.end(planId, 'archived', () => finishArchive(deps, planId));
      this.lastGoodTick = deps.clock.monotonic();
    } catch (error) {
      deps.log.warn({ err: error }, 'a reconciliation failed; the next one comes soon');
    }
  }

  /**
   * After a gap (a database that was away, a laptop that slept) every lease looks over. Holders that live renew
   * within a third of a lease: they get that chance before anything is taken from them. Once in a while only: a
   * reconciler that is always late still has to bring back what is lost.
   */
  private watchForGap(): void {
    const { clock, leaseMs } = this.deps;
    const now = clock.monotonic();
    const isLate = this.lastGoodTick !== null && now - this.lastGoodTick > leaseMs / 2;
    if (!isLate) return;
    this.lastGoodTick = now;
    if (now > this.graceUntil + GRACE_EVERY_LEASES * leaseMs) this.graceUntil = now + leaseMs / 2;
  }

  private async bringBack(overdue: Overdue): Promise<void> {
    const { deps } = this;
    if (overdue.entity === 'attempt' && overdue.why === 'lease') {
      await unlessFenced(deps, () => recordLost(deps, overdue));
      return;
    }
    const { entity, planId, id, deliveries: delivery } = overdue;
    if (
      overdue.why === 'delivery' &&
      (await deps.queue.isWaiting({ stage: STAGES[entity], planId, id, delivery }))
    ) {
      await deps.store.touchDelivery(overdue);
      return;
    }
    const row = await deps.store.redeliver(overdue);
    if (row !== null) await flush(deps, [row]);
  }

  /** Whoever began it died, or could not reach the hub: one plan's hub must not hold up the others. */
  private async end(
    planId: string,
    what: 'archived' | 'cancelled' | 'rewound',
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.deps.log.warn({ err: error, planId }, `a plan could not be ${what}; trying again`);
    }
  }

  private async sweepOutbox(): Promise<void> {
    const { deps } = this;
    await flush(deps, await deps.store.takeOutbox({ kind: 'deliver', limit: BATCH, holdMs: deps.leaseMs }));
    const publications = await deps.store.takeOutbox({
      kind: 'publish',
      limit: BATCH,
      holdMs: PUBLISH_HOLD_MS,
    });
    const plans = new Map(
      publications.map((row) => [row.planId, publications.filter((other) => other.planId === row.planId)]),
    );
    for (const [planId, rows] of plans) {
      try {
        await publishPlan(deps, planId);
        await deps.store.settleOutbox(rows.map((row) => row.id));
      } catch (error) {
        for (const row of rows) await deps.store.postponeOutbox(row.id, (error as Error).message);
      }
    }
  }
}

/** Whoever has an attempt is gone: the attempt is lost, and the task goes on with a fresh one. */
function recordLost(deps: EngineDeps, { planId, id, token }: Overdue): Promise<unknown> {
  return onPlan(deps, planId, async (tx) => {
    const attempt = await tx.attempt(id);
    if (attempt === null || attempt.status !== 'running' || attempt.token !== token) return;
    if (!(await tx.leaseExpired({ entity: 'attempt', id }))) return;
    const slice = await tx.slice(attempt.taskId);
    if (attempt.byHand) {
      await tx.apply(decideAbandoned({ slice, attempt }), deps.systemActorId);
      return;
    }
    const failed = { failure: 'lost', message: 'its worker stopped answering' } as const;
    await tx.apply(decideAttemptFailed(slice, attempt, failed, deps.ids.random()), deps.systemActorId);
  });
}
