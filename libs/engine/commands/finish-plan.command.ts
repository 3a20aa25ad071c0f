import type { ExecutorFile } from '#contracts/plan/executor-file.js';
import { DomainError } from '#domain/domain-error.js';
import { decideDelivery, requireDeliverable } from '#domain/plan/decisions/deliver.js';
import type { DeliveryWay } from '#domain/plan/delivery.js';
import type { OriginDeps } from '../deps.js';
import { toExecutor } from '../executors.js';
import type { ExecutorConfig } from '../ports/agent.port.js';
import { onPlan } from '../unit-of-work.js';

export interface FinishCommand {
  readonly planId: string;
  readonly actorId: string;
  /** Absent: a pull request where the forge of the origin is known, else the commands for doing it by hand. */
  readonly way?: DeliveryWay | undefined;
  /** Absent: the plan's own. */
  readonly target?: string | undefined;
  /** Who resolves conflicts; absent: a person. */
  readonly executor?: ExecutorFile | undefined;
}

/**
 * Asks for a plan to be brought to its target branch: up to date with it, verified again, and then merged, opened as a pull
 * request, or left to a person with the commands. It is carried out beside the reconciler.
 *
 * @returns the id of the delivery; of the one that is under way, where the same is asked twice
 * @throws DomainError `not_found`; `conflict` naming the state; `invalid` for a way or an executor that cannot be
 */
export async function finishPlan(deps: OriginDeps, command: FinishCommand): Promise<string> {
  const { planId, actorId } = command;
  const executor = executorOf(command.executor);
  const facts = await deps.store.deliveries.deliveryFacts(planId);
  if (facts === null) throw noPlan(planId);
  const knowsForge = deps.forge.knows(facts.origin);
  if (command.way === 'pull_request' && !knowsForge) throw noForge(deps.git.deliveries.shown(facts.origin));
  const asked = {
    id: deps.ids.next(),
    way: command.way ?? (knowsForge ? 'pull_request' : 'print'),
    targetBranch: command.target ?? facts.targetBranch,
    executor,
  } as const;
  const id = await onPlan(deps, planId, async (tx) => {
    requireDeliverable(tx.plan);
    const open = await tx.openDelivery();
    await tx.apply(decideDelivery(tx.plan, open, asked), actorId);
    return open?.id ?? asked.id;
  });
  if (id === null) throw noPlan(planId);
  return id;
}

/** What resolves conflicts by itself. Of profiles, nobody could say which one: the task needs nothing that they differ in. */
const RESOLVERS: readonly ExecutorConfig['kind'][] = ['command', 'claude', 'agent'];

/** Null: a person. */
function executorOf(file: ExecutorFile | undefined): ExecutorConfig | null {
  const executor = file === undefined ? null : toExecutor(file);
  if (executor === null || executor.kind === 'external') return null;
  if (RESOLVERS.includes(executor.kind)) return executor;
  throw new DomainError('invalid', `A ${executor.kind} cannot resolve conflicts.`, {
    remedy: `Name one of ${RESOLVERS.join(', ')} as the executor; or none, and a person resolves them.`,
    problems: [{ path: 'executor', message: `must be one of ${RESOLVERS.join(', ')}, external` }],
  });
}

function noForge(origin: string): DomainError {
  return new DomainError(
    'invalid',
    `No pull request can be opened at ${origin}: its forge is not known here.`,
    {
      remedy:
        'Give the API PLANWRIGHT_FORGE_TOKEN (and PLANWRIGHT_FORGE_URL, where it is not github.com); or finish with merge or print.',
      problems: [{ path: 'way', message: 'needs a forge' }],
    },
  );
}

function noPlan(planId: string): DomainError {
  return new DomainError('not_found', `There is no plan ${planId}.`);
}
