import { DomainError } from '../../domain-error.js';
import type { Verdict } from '../../spec/verdict.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import type { DeliveryOutcome, DeliveryWay, OpenDelivery, PullRequest } from '../delivery.js';
import type { PlanStatus } from '../plan.machine.js';
import type { PlanState } from '../state.js';

/** Each is a push of somebody else between a fetch and a push of ours. */
export const MAX_ROUNDS = 5;
const NAMED = 5;

const REMEDIES: { readonly [S in PlanStatus]?: string } = {
  ready: 'Start it first.',
  running: 'Wait until it is completed.',
  pausing: 'Resume it; it can be delivered once it is completed.',
  paused: 'Do or skip what is open and resume it; it can be delivered once it is completed.',
  rewinding: 'Resume it afterwards; it can be delivered once it is completed.',
  cancelled: 'Its branch holds what was done: merge it by hand, if that is of use.',
  failed: 'Rewind it, or merge its branch by hand.',
  archiving: 'Its branch is published: merge it by hand.',
  archived: 'Its branch is published: merge it by hand.',
};

/** @throws DomainError `conflict` naming the state */
export function requireDeliverable({ number, status }: PlanState): void {
  if (status === 'completed') return;
  const remedy = REMEDIES[status];
  throw new DomainError(
    'conflict',
    `Plan ${number} is ${status}; only a completed plan can be delivered.`,
    remedy === undefined ? {} : { remedy },
  );
}

/** What rests on the plan's tip must not move while somebody may be pushing it. @throws DomainError `conflict` */
export function refuseWhileDelivered({ number }: PlanState, open: OpenDelivery | null): void {
  if (open === null) return;
  throw new DomainError(
    'conflict',
    `Plan ${number} is being delivered to ${open.targetBranch} (delivery ${open.number}, ${open.status}).`,
    { remedy: `Wait until that has ended: planwright finish ${number} --watch` },
  );
}

/**
 * A person wants a plan on its target branch. Asked again for what is under way, nothing is decided anew.
 *
 * @throws DomainError `conflict` naming the state, or the other delivery that is under way
 */
export function decideDelivery(
  plan: PlanState,
  open: OpenDelivery | null,
  asked: {
    readonly id: string;
    readonly way: DeliveryWay;
    readonly targetBranch: string;
    readonly executor: unknown;
  },
): Decision {
  requireDeliverable(plan);
  const builder = new DecisionBuilder(plan);
  const { way, targetBranch: target } = asked;
  if (open?.way === way && open.targetBranch === target) return builder.done();
  refuseWhileDelivered(plan, open);
  builder.add({ entity: 'new_delivery', ...asked, tipCommit: plan.tipCommit });
  return builder.event('delivery.started', { way, target, tip: plan.tipCommit }).done();
}

/** The merged commit is in the hub. @param judgementId who judges its tree; null: it is the plan's own, judged before */
export function decideDeliveryMerged(
  plan: PlanState,
  delivery: OpenDelivery,
  merged: { readonly targetCommit: string; readonly commit: string },
  judgementId: string | null,
): Decision {
  const builder = new DecisionBuilder(plan);
  builder.moveDelivery(delivery, judgementId === null ? 'delivering' : 'verifying', merged);
  if (judgementId !== null) builder.deliver('judge', judgementId, 1);
  return builder.done();
}

/** The verifier has judged the merged tree by what the plan's tasks proved. */
export function decideDeliveryJudged(plan: PlanState, delivery: OpenDelivery, verdict: Verdict): Decision {
  const { number, targetBranch: target, commit } = delivery;
  if (verdict.outcome === 'fail') {
    const rules = [...new Set(verdict.violations.map(({ rule }) => rule))];
    const message = `Merged with ${target}, the plan is red: ${listed(rules)}.`;
    const remedy =
      'Rewind the plan and adapt it to what the target branch has become; or waive a contract that is no longer meant, and finish again.';
    return decideDeliveryFailed(plan, delivery, { message, remedy, rules, verdict });
  }
  return new DecisionBuilder(plan)
    .moveDelivery(delivery, 'delivering', { verdict })
    .event('delivery.verified', { delivery: number, target, commit, summary: verdict.summary })
    .done();
}

/** Somebody pushed to the target branch: fetched, merged and judged anew, for so many times. */
export function decideTargetMoved(plan: PlanState, delivery: OpenDelivery): Decision {
  const { rounds, targetBranch } = delivery;
  if (rounds + 1 < MAX_ROUNDS)
    return new DecisionBuilder(plan)
      .moveDelivery(delivery, 'preparing', { rounds: rounds + 1, verdict: null })
      .done();
  const message = `${targetBranch} moved ${MAX_ROUNDS} times while the plan was being delivered.`;
  return decideDeliveryFailed(plan, delivery, {
    message,
    remedy: 'Finish again when fewer people push, or use a pull request.',
  });
}

export interface Delivered {
  readonly outcome: DeliveryOutcome;
  /** What the target branch was found at, where nothing was merged. */
  readonly targetCommit?: string;
  readonly pullRequest?: PullRequest;
  /** What a person is told to do. */
  readonly commands?: readonly string[];
}

/** It is where it was to go. */
export function decideDelivered(plan: PlanState, delivery: OpenDelivery, done: Delivered): Decision {
  const { number, targetBranch: target, commit } = delivery;
  const { outcome, pullRequest } = done;
  const url = pullRequest === undefined ? {} : { url: pullRequest.url };
  return new DecisionBuilder(plan)
    .moveDelivery(delivery, 'delivered', done)
    .event(`delivery.${outcome}`, { delivery: number, target, commit, ...url })
    .done();
}

/** It ends here. Of the plan, nothing has changed. */
export function decideDeliveryFailed(
  plan: PlanState,
  delivery: OpenDelivery,
  failed: {
    readonly message: string;
    readonly remedy: string;
    readonly rules?: readonly string[];
    readonly verdict?: Verdict;
  },
): Decision {
  const { message, remedy, rules = [], verdict } = failed;
  const { number, targetBranch: target } = delivery;
  return new DecisionBuilder(plan)
    .moveDelivery(delivery, 'failed', { message, remedy, ...(verdict === undefined ? {} : { verdict }) })
    .event('delivery.failed', { delivery: number, target, message, remedy, rules })
    .done();
}

/**
 * Plan and target do not merge. The plan goes on with one more task; until that is done, nothing else has changed.
 *
 * @param conflict.taskNumber of the task that was added
 */
export function decideDeliveryConflict(
  plan: PlanState,
  delivery: OpenDelivery,
  conflict: { readonly targetCommit: string; readonly files: readonly string[]; readonly taskNumber: number },
): Decision {
  const { number, targetBranch: target } = delivery;
  const { files, taskNumber } = conflict;
  const task = `${plan.number}.${taskNumber}`;
  const message = `The plan does not merge with ${target}: ${listed(files)}.`;
  const remedy = `Resume the plan and resolve it in task ${task}: planwright resume ${plan.number}`;
  return new DecisionBuilder(plan)
    .movePlan('paused', { pauseReason: 'delivery_conflict', pauseNote: `${message} See task ${task}.` })
    .moveDelivery(delivery, 'conflict', { ...conflict, message, remedy })
    .event('delivery.conflict', { delivery: number, target, files: files.slice(0, 100), task: taskNumber })
    .event('plan.paused')
    .done();
}

function listed(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `${names.slice(0, NAMED).join(', ')}${more}`;
}
