import { DomainError } from '#domain/domain-error.js';
import { DecisionBuilder } from '#domain/plan/decision.js';
import type { PlanState } from '#domain/plan/state.js';
import type { OriginDeps } from '../deps.js';
import type { PlanTx } from '../ports/store.port.js';
import { onPlan } from '../unit-of-work.js';
import { requireTask } from './on-known-plan.js';

interface CheckpointCommand {
  readonly planId: string;
  readonly actorId: string;
  readonly name: string;
  /** Number of the task among whose snapshots it is counted. */
  readonly task?: number | undefined;
}

/**
 * Gives the tip of the plan a name. What it shows is what changed since the checkpoint before, or since the plan's base.
 *
 * @returns the id of the snapshot
 * @throws DomainError `not_found`, or `conflict` where the name is taken or the plan is archived
 */
export async function createCheckpoint(deps: OriginDeps, command: CheckpointCommand): Promise<string> {
  for (;;) {
    const found = await onPlan(deps, command.planId, async (tx) => {
      await requireFree(tx, command);
      const { repositoryId, baseCommit, tipCommit: commit } = tx.plan;
      return { repositoryId, commit, base: (await tx.lastCheckpoint()) ?? baseCommit };
    });
    if (found === null) throw new DomainError('not_found', `There is no plan ${command.planId}.`);
    const { repositoryId, commit, base } = found;
    const id = deps.ids.next();
    const gitRef = `refs/planwright/checkpoints/${id}`;
    await deps.git.pushNew({ repositoryId, commit, ref: gitRef });
    const diffs = base === commit ? [] : await deps.git.diff({ repositoryId, from: base, to: commit });
    const done = await onPlan(deps, command.planId, async (tx) => {
      const taskId = await requireFree(tx, command);
      // Something landed meanwhile: the name is for the tip of now.
      if (tx.plan.tipCommit !== commit || ((await tx.lastCheckpoint()) ?? tx.plan.baseCommit) !== base)
        return false;
      const { name } = command;
      const snapshot = { id, taskId, attemptId: null, name, gitRef, commit, baseCommit: base, diffs };
      await tx.addSnapshot({ ...snapshot, kind: 'checkpoint' });
      const event = { name, commit, task: command.task ?? null, snapshot: id };
      await tx.apply(new DecisionBuilder(tx.plan).event('snapshot.created', event).done(), command.actorId);
      return true;
    });
    if (done === true) return id;
  }
}

/** @returns the id of the task that was named */
async function requireFree(tx: PlanTx, { name, task }: CheckpointCommand): Promise<string | null> {
  requireAlive(tx.plan);
  if (await tx.hasCheckpoint(name)) {
    throw new DomainError('conflict', `Plan ${tx.plan.number} has a checkpoint "${name}" already.`, {
      remedy: 'Give this one another name.',
    });
  }
  return task === undefined ? null : (await requireTask(tx, task)).id;
}

function requireAlive({ number, status }: PlanState): void {
  if (status !== 'archiving' && status !== 'archived') return;
  throw new DomainError('conflict', `Plan ${number} is ${status}: nothing of it changes any more.`);
}
