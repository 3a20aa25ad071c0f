import { DomainError } from '#domain/domain-error.js';
import { decideSubmit, requireSubmittable } from '#domain/plan/decisions/by-hand.js';
import type { OriginDeps } from '../deps.js';
import { GitRefusal } from '../ports/git-refusal.js';
import type { CommitMessage } from '../ports/git.port.js';
import { onPlan } from '../unit-of-work.js';
import { taskCommitMessage } from '../work/commit-message.js';
import { requireHand, type TaskCommand } from './on-known-plan.js';

/** What is handed in: a ref of the origin, or a commit that was pushed to a submission's ref of the hub. */
export type Handed = { readonly ref: string } | { readonly commit: string };

interface Submission {
  readonly repositoryId: string;
  /** The plan's tip: the commit is built on it. */
  readonly tip: string;
  readonly attemptId: string;
  readonly message: CommitMessage;
}

/**
 * A person hands a task's work in. It becomes one commit on the plan's tip, and is verified like any other.
 *
 * @throws DomainError `not_found`, `invalid` for what cannot be read, or `conflict` naming the state or the files that do
 *   not merge: then nothing was changed
 */
export async function submitTask(
  deps: OriginDeps,
  command: TaskCommand & { readonly handed: Handed },
): Promise<void> {
  const { taskNumber, actorId, handed } = command;
  const submission = await prepare(deps, command);
  const { repositoryId, attemptId, tip } = submission;
  const name = deps.ids.next();
  const commit = await buildCandidate(deps, submission, await bringIn(deps, repositoryId, handed, name));
  // Whoever handed the same attempt in before, and failed, left another commit: each try has its own ref.
  const gitRef = `refs/planwright/candidates/${attemptId}-${name}`;
  const isChanged = commit !== tip;
  if (isChanged) {
    await deps.git.pushNew({ repositoryId, commit, ref: gitRef });
    deps.reach('submission.pushed');
  }
  const diffs = isChanged ? await deps.git.diff({ repositoryId, from: tip, to: commit }) : [];
  const done = await onPlan(deps, command.planId, async (tx) => {
    const hand = await requireHand(tx, taskNumber);
    const taken = requireSubmittable(hand);
    if ((taken?.id ?? attemptId) !== attemptId) {
      throw new DomainError('conflict', `Task ${tx.plan.number}.${taskNumber} was claimed meanwhile.`, {
        remedy: 'Hand it in again.',
      });
    }
    const handedIn = { commit, base: tip, attemptId };
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
async function prepare(deps: OriginDeps, command: TaskCommand): Promise<Submission> {
  const found = await onPlan(deps, command.planId, async (tx): Promise<Submission> => {
    const hand = await requireHand(tx, command.taskNumber);
    const attempt = requireSubmittable(hand);
    const { plan, task } = hand.slice;
    return {
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

async function bringIn(
  deps: OriginDeps,
  repositoryId: string,
  handed: Handed,
  name: string,
): Promise<string> {
  if ('commit' in handed) {
    if (await deps.git.isSubmission({ repositoryId, commit: handed.commit })) return handed.commit;
    throw new DomainError('invalid', `Nobody handed in the commit ${handed.commit}.`, {
      remedy: 'Push it below refs/planwright/submissions/ of the hub, or name a ref of the origin.',
    });
  }
  const origin = await deps.store.originOf(repositoryId);
  return orInvalid(() => deps.git.importSubmission({ repositoryId, origin, ref: handed.ref, name }));
}

async function buildCandidate(
  deps: OriginDeps,
  { repositoryId, tip, message }: Submission,
  commit: string,
): Promise<string> {
  const merged = await orInvalid(() => deps.git.squash({ repositoryId, commit, onto: tip, message }));
  if (merged.kind === 'clean') return merged.commit;
  throw new DomainError('conflict', `It does not merge with the plan branch in ${merged.files.join(', ')}.`, {
    remedy: 'Merge the plan branch into your work, then hand it in again.',
    problems: merged.files.map((path) => ({ path, message: 'changed on both sides' })),
  });
}

async function orInvalid<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GitRefusal)) throw error;
    throw new DomainError('invalid', error.reason, { remedy: error.remedy });
  }
}
