import { DomainError } from '#domain/domain-error.js';
import { decideSubmit, requireSubmittable } from '#domain/plan/decisions/by-hand.js';
import type { OriginDeps } from '../deps.js';
import type { CommitMessage } from '../ports/git.port.js';
import { onPlan } from '../unit-of-work.js';
import { taskCommitMessage } from '../work/commit-message.js';
import { bringIn, onTip, patchOnTip, refuseOutside, type Handed, type Patch } from './handed-work.js';
import { requireHand, type TaskCommand } from './on-known-plan.js';

interface Submission {
  readonly repositoryId: string;
  /** The plan's tip: the commit is built on it. */
  readonly tip: string;
  readonly attemptId: string;
  readonly message: CommitMessage;
  /** Globs of what the task may touch; none: anything. */
  readonly scope: readonly string[];
}

/**
 * A person hands a task's work in. It becomes one commit on the plan's tip, and is verified like any other.
 *
 * @throws DomainError `not_found`, `invalid` for what cannot be read or naming the files that the task may not write, or
 *   `conflict` naming the state or the files that do not merge: then nothing was changed
 */
export async function submitTask(
  deps: OriginDeps,
  command: TaskCommand & { readonly handed: Handed | Patch; readonly token?: string | undefined },
): Promise<void> {
  const { taskNumber, actorId, handed, token } = command;
  const submission = await prepare(deps, command);
  const { repositoryId, attemptId, tip } = submission;
  const name = deps.ids.next();
  const commit =
    'patch' in handed
      ? await patchOnTip(deps, submission, handed.patch)
      : await onTip(deps, submission, await bringIn(deps, repositoryId, handed, name));
  // Whoever handed the same attempt in before, and failed, left another commit: each try has its own ref.
  const gitRef = `refs/planwright/candidates/${attemptId}-${name}`;
  const isChanged = commit !== tip;
  const diffs = isChanged ? await deps.git.diff({ repositoryId, from: tip, to: commit }) : [];
  refuseOutside(submission.scope, diffs);
  if (isChanged) {
    await deps.git.pushNew({ repositoryId, commit, ref: gitRef });
    deps.reach('submission.pushed');
  }
  const done = await onPlan(deps, command.planId, async (tx) => {
    const hand = await requireHand(tx, taskNumber);
    const taken = requireSubmittable(hand, token);
    if ((taken?.id ?? attemptId) !== attemptId) {
      throw new DomainError('conflict', `Task ${tx.plan.number}.${taskNumber} was claimed meanwhile.`, {
        remedy: 'Hand it in again.',
      });
    }
    const handedIn = { commit, base: tip, attemptId, token };
    await tx.apply(
      decideSubmit(hand, handedIn, actorId, () => deps.ids.next()),
      actorId,
    );
    const snapshot = { taskId: hand.slice.task.id, attemptId, baseCommit: tip };
    await tx.addSnapshot({ ...snapshot, kind: 'before', gitRef: tip, commit: tip, diffs: [] });
    await tx.addSnapshot({ ...snapshot, kind: 'candidate', gitRef, commit, diffs });
    return true;
  });
  if (done === null) throw noPlan(command.planId);
}

/** Looks whether the task can be handed in, before any of the work that it takes. */
async function prepare(
  deps: OriginDeps,
  command: TaskCommand & { readonly token?: string | undefined },
): Promise<Submission> {
  const found = await onPlan(deps, command.planId, async (tx): Promise<Submission> => {
    const hand = await requireHand(tx, command.taskNumber);
    const attempt = requireSubmittable(hand, command.token);
    const { plan, task } = hand.slice;
    const { writeScope: writes } = task;
    // Whoever may change what judges the task may do so beside what it writes.
    const scope = writes.length === 0 ? [] : [...writes, ...(await tx.brief(task.id)).mayChange];
    return {
      scope,
      repositoryId: plan.repositoryId,
      tip: plan.tipCommit,
      attemptId: attempt?.id ?? deps.ids.next(),
      message: taskCommitMessage({
        planNumber: plan.number,
        planName: plan.name,
        taskNumber: task.number,
        title: task.title,
        attempt: attempt?.number ?? task.attemptCount + 1,
        at: tx.now,
      }),
    };
  });
  if (found === null) throw noPlan(command.planId);
  return found;
}

function noPlan(planId: string): DomainError {
  return new DomainError('not_found', `There is no plan ${planId}.`);
}
