import { contractsBinding } from '#domain/plan/contracts.js';
import { DecisionBuilder } from '#domain/plan/decision.js';
import type { Verdict } from '#domain/spec/verdict.js';
import type { EngineDeps, VerifierDeps } from '../deps.js';
import { specOnBase, type SpecOnBase } from '../dry-run/spec-on-base.js';
import type { FinishedJudgement, JudgementOrder, UnseenSpec } from '../ports/judgement.port.js';
import { onPlan, record } from '../unit-of-work.js';
import { contractsOf } from '../verification/finished-tasks.js';
import { gradeDelivery } from '../verification/grade-contracts.js';
import { grade } from '../verification/grade.js';
import { readSpec } from '../verification/read-spec.js';
import { keepLease } from './lease-keeper.js';

/**
 * One delivery of a judgement: claim, judge, say so. What could not be judged is not tried again: who asked is told why,
 * and asks again.
 *
 * @returns false when there is nothing to claim under that id
 */
export async function judgeCommit(deps: VerifierDeps, id: string, shutdown: AbortSignal): Promise<boolean> {
  const order = await deps.store.claimJudgement(id);
  if (order === null) return false;
  const { token } = order;
  const lease = keepLease(deps, { entity: 'judgement', id, token }, shutdown);
  const finish = (finished: Omit<FinishedJudgement, 'id' | 'token'>): Promise<unknown> =>
    record(deps, () => deps.store.finishJudgement({ id, token, ...finished }), shutdown);
  try {
    await finish({ verdict: await judge(deps, order, lease.signal), message: null });
  } catch (error) {
    // Told to stop, or somebody else's: the lease gives it to the next.
    if (lease.ended) return true;
    deps.log.error({ err: error, judgement: id }, 'a judgement could not be carried out');
    await finish({ verdict: null, message: `it could not be judged: ${(error as Error).message}` });
  } finally {
    lease.stop();
  }
  return true;
}

async function judge(
  deps: VerifierDeps,
  order: JudgementOrder,
  signal: AbortSignal,
): Promise<Verdict | null> {
  if (order.taskId !== null) return grade(deps, { ...order, signal });
  if (order.deliveryId === null) {
    await lookAtSpecs(deps, order, signal);
    return null;
  }
  const contracts = contractsOf(await deps.store.finishedWork(order.planId));
  return gradeDelivery(deps, { ...order, signal }, contractsBinding(NO_TASK, contracts));
}

/** What binds a delivery: everything that stands. */
const NO_TASK = { number: 0, supersedes: [] };

async function lookAtSpecs(deps: VerifierDeps, order: JudgementOrder, signal: AbortSignal): Promise<void> {
  for (const spec of await deps.store.unseenSpecs(order.planId)) {
    const colour = await colourOnBase(deps, order, spec, signal);
    await record(deps, () => sayOnBase(deps, order.planId, spec, colour), signal);
  }
}

/** Where a rule is red, the spec can prove work, whatever its checks say: they are not run. */
async function colourOnBase(
  deps: VerifierDeps,
  { repositoryId, planBase: base, setup }: JudgementOrder,
  { yaml }: UnseenSpec,
  signal: AbortSignal,
): Promise<SpecOnBase['colour']> {
  const parsed = readSpec(yaml);
  if (!parsed.ok) return 'undecided';
  const at = { repositoryId, base, setup, signal };
  const rules = await specOnBase(deps, { ...parsed.spec, checks: [] }, at);
  if (rules.colour === 'red' || parsed.spec.checks.length === 0) return rules.colour;
  return (await specOnBase(deps, parsed.spec, at)).colour;
}

function sayOnBase(
  deps: EngineDeps,
  planId: string,
  spec: UnseenSpec,
  colour: SpecOnBase['colour'],
): Promise<unknown> {
  return onPlan(deps, planId, async (tx) => {
    if (!(await tx.markOnBase(spec.id, colour)) || colour !== 'green') return;
    const builder = new DecisionBuilder(tx.plan);
    for (const { number: task, title } of spec.tasks) builder.event('spec.green_on_base', { task, title });
    await tx.apply(builder.done(), deps.systemActorId);
  });
}
