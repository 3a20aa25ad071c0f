import { DomainError } from '#domain/domain-error.js';
import { decideSignal } from '#domain/plan/decisions/wait.js';
import type { EngineDeps } from '../deps.js';
import type { StoredSignal } from '../ports/store.port.js';
import { onPlan } from '../unit-of-work.js';
import { settleWaits } from '../work/settle-waits.js';

/**
 * Tells a plan of an event from outside; tasks that wait for it go on. The first of a name counts: sent again, it
 * changes nothing.
 *
 * @returns what is stored, and whether this call stored it
 * @throws DomainError `not_found`, or `conflict` naming the state
 */
export async function sendSignal(
  deps: EngineDeps,
  command: {
    readonly planId: string;
    readonly actorId: string;
    readonly name: string;
    readonly data: unknown;
  },
): Promise<{ readonly signal: StoredSignal; readonly isNew: boolean }> {
  const { planId, actorId, name, data } = command;
  const done = await onPlan(deps, planId, async (tx) => {
    const known = await tx.signal(name);
    if (known !== null) return { signal: known, isNew: false };
    await tx.apply(decideSignal(tx.plan, name, data), actorId);
    const signal = await tx.signal(name);
    if (signal === null) throw new Error(`the signal ${name} was not stored`);
    return { signal, isNew: true };
  });
  if (done === null) throw new DomainError('not_found', `There is no plan ${planId}.`);
  if (done.isNew) {
    deps.reach('signal.recorded');
    await settleWaits(deps, planId);
  }
  return done;
}
