import type { Decision } from '#domain/plan/decision.js';
import { decideDispatch, type OwnSlots } from '#domain/plan/decisions/dispatch.js';
import { decideEndPhase } from '#domain/plan/decisions/phase-end.js';
import { decideStuck } from '#domain/plan/decisions/stuck.js';
import type { EngineDeps } from './deps.js';
import { Fenced } from './fenced.js';
import type { PlanTx } from './ports/store.port.js';
import type { OutboxRow } from './ports/outbox.port.js';

/**
 * One command on one plan: locks it, decides, writes, lets follow what follows, commits, and then carries out its own
 * deliveries. Whatever a crash leaves behind after the commit, the sweeper takes.
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
    await followUp(deps, tx);
    return result;
  });
  if (done === null) return null;
  await flush(deps, done.outbox);
  return done.result;
}

/**
 * What a running plan does by itself: ends phases without open tasks, pauses where it is stuck, gives out free slots.
 *
 * @param own slots of the worker in whose transaction this is
 * @returns what was decided last
 */
export async function followUp(deps: EngineDeps, tx: PlanTx, own: OwnSlots | null = null): Promise<Decision> {
  for (;;) {
    const state = await tx.dispatchState();
    const { plan, stuckPhase } = state;
    const ended = stuckPhase?.openTasks === 0 ? await tx.phase(stuckPhase.id) : null;
    if (ended !== null) {
      await tx.apply(decideEndPhase({ plan, ...ended }), deps.systemActorId);
      continue;
    }
    const follows =
      stuckPhase === null ? decideDispatch(state, () => deps.ids.next(), own) : decideStuck(plan, stuckPhase);
    await tx.apply(follows, deps.systemActorId);
    return follows;
  }
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
