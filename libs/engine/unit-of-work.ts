import { decideDispatch } from '#domain/plan/decisions/dispatch.js';
import { decideStuck } from '#domain/plan/decisions/stuck.js';
import type { EngineDeps } from './deps.js';
import { Fenced } from './fenced.js';
import type { OutboxRow, PlanTx } from './ports/store.port.js';

/**
 * One command on one plan: locks it, decides, writes, gives free slots to ready tasks (or pauses, where none can ever be
 * ready), commits, and then carries
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
    const state = await tx.dispatchState();
    const follows =
      state.stuckPhase === null
        ? decideDispatch(state, () => deps.ids.next())
        : decideStuck(state.plan, state.stuckPhase);
    await tx.apply(follows, deps.systemActorId);
    return result;
  });
  if (done === null) return null;
  await flush(deps, done.outbox);
  return done.result;
}

/** Carries out deliveries just committed; a failure is left to the sweeper. */
export async function flush(deps: EngineDeps, rows: readonly OutboxRow[]): Promise<void> {
  const delivered: bigint[] = [];
  if (rows.length > 0) deps.reach('committed');
  try {
    for (const row of rows) {
      if (row.effect.kind !== 'deliver') continue;
      await deps.queue.deliver({ ...row.effect, planId: row.planId });
      delivered.push(row.id);
      deps.reach('delivered');
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

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;
/** For errors that are not a database away: a deadlock passes, a mistake of ours does not. */
const OTHER_TRIES = 3;

/**
 * Records a result that took work to get. A database that is away is waited for, however long: the lease is still
 * ours until somebody took it, and then fencing ends this quietly.
 *
 * @param shutdown ends the waiting; the result is then lost with this process
 * @throws what the store throws when it is not passing
 */
export async function record<T>(
  deps: EngineDeps,
  work: () => Promise<T>,
  shutdown?: AbortSignal,
): Promise<T | null> {
  let delay = FIRST_DELAY_MS;
  for (let others = 0; ; delay = Math.min(MAX_DELAY_MS, delay * 2)) {
    try {
      return await unlessFenced(deps, work);
    } catch (error) {
      if (!deps.store.isAway(error)) others += 1;
      if (others >= OTHER_TRIES || shutdown?.aborted) throw error;
      deps.log.warn({ err: error, delay }, 'could not record a result; trying again');
      await deps.clock.sleep(delay);
    }
  }
}
