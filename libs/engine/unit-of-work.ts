import { decideDispatch } from '#domain/plan/decisions/dispatch.js';
import type { EngineDeps } from './deps.js';
import { Fenced } from './fenced.js';
import type { OutboxRow, PlanTx } from './ports/store.port.js';

/**
 * One command on one plan: locks it, decides, writes, gives free slots to ready tasks, commits, and then carries
 * out its own deliveries. Whatever a crash leaves behind after the commit, the sweeper takes.
 *
 * @returns what `work` returned; null when there is no such plan
 * @throws Fenced
 */
export async function onPlan<T>(
  deps: EngineDeps,
  planId: string,
  work: (tx: PlanTx) => Promise<T>,
): Promise<T | null> {
  const done = await deps.store.withPlan(planId, async (tx) => {
    const result = await work(tx);
    const dispatch = decideDispatch(await tx.dispatchState(), () => deps.ids.next());
    await tx.apply(dispatch, deps.systemActorId);
    return result;
  });
  if (done === null) return null;
  await flush(deps, done.outbox);
  return done.result;
}

/** Carries out deliveries just committed; a failure is left to the sweeper. */
export async function flush(deps: EngineDeps, rows: readonly OutboxRow[]): Promise<void> {
  const delivered: bigint[] = [];
  try {
    for (const row of rows) {
      if (row.effect.kind !== 'deliver') continue;
      await deps.queue.deliver({ ...row.effect, planId: row.planId });
      delivered.push(row.id);
    }
    await deps.store.settleOutbox(delivered);
  } catch (error) {
    deps.log.warn({ err: error }, 'a delivery failed; the sweeper repeats it');
  }
}

/** Runs a worker's command; being fenced is no error, it means that the work is somebody else's now. */
export async function unlessFenced<T>(deps: EngineDeps, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Fenced)) throw error;
    deps.log.info({ reason: error.message }, 'fenced: nothing changed');
    return null;
  }
}

const RECORD_TRIES_MS = [
  100, 200, 400, 800, 1_600, 3_000, 5_000, 5_000, 5_000, 5_000, 10_000, 10_000, 10_000,
];

/** Records a result that took work to get: waits for a database that is away. Fencing ends it quietly. */
export async function record<T>(deps: EngineDeps, work: () => Promise<T>): Promise<T | null> {
  for (const delay of RECORD_TRIES_MS) {
    try {
      return await unlessFenced(deps, work);
    } catch (error) {
      deps.log.warn({ err: error, delay }, 'could not record a result; trying again');
      await deps.clock.sleep(delay);
    }
  }
  return unlessFenced(deps, work);
}
