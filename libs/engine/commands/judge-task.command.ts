import { DomainError } from '#domain/domain-error.js';
import { DecisionBuilder } from '#domain/plan/decision.js';
import type { OriginDeps } from '../deps.js';
import type { PlanTx } from '../ports/store.port.js';
import { onPlan } from '../unit-of-work.js';
import { taskCommitMessage } from '../work/commit-message.js';
import { bringIn, onTip, type Handed, type OnTip } from './handed-work.js';
import { requireTask, type TaskCommand } from './on-known-plan.js';

/** What is judged: work as it would be handed in, or a named snapshot of the plan as it is. */
export type Judged = Handed | { readonly checkpoint: string };

/** A commit, and the one that it is compared with besides the plan's base. */
interface Judgeable {
  readonly handed: string | null;
  readonly commit: string;
  readonly baseCommit: string;
}

/**
 * Asks the verifier for the verdict on a commit, in whatever state plan and task are. Of these nothing changes.
 *
 * @returns the id of the judgement
 * @throws DomainError `not_found`, `invalid` for what cannot be read, `conflict` naming the files that do not merge
 */
export async function judgeTask(
  deps: OriginDeps,
  command: TaskCommand & { readonly judged: Judged },
): Promise<string> {
  const { planId, taskNumber, actorId, judged } = command;
  await forget(deps);
  const id = deps.ids.next();
  const place = await onPlan(deps, planId, (tx) => placeOf(tx, taskNumber));
  if (place === null) throw noPlan(planId);
  const judgeable =
    'checkpoint' in judged
      ? await atCheckpoint(deps, planId, judged.checkpoint)
      : await onItsTip(deps, place, judged, id);
  await onPlan(deps, planId, async (tx) => {
    const task = await requireTask(tx, taskNumber);
    await tx.addJudgement({ ...judgeable, id, taskId: task.id });
    await tx.apply(new DecisionBuilder(tx.plan).deliver('judge', id, 1).done(), actorId);
  });
  return id;
}

async function placeOf(tx: PlanTx, taskNumber: number): Promise<OnTip> {
  const { plan, now: at } = tx;
  const task = await requireTask(tx, taskNumber);
  const message = taskCommitMessage({
    planNumber: plan.number,
    planName: plan.name,
    taskNumber,
    title: task.title,
    attempt: task.attemptCount + 1,
    at,
  });
  return { repositoryId: plan.repositoryId, tip: plan.tipCommit, message };
}

async function onItsTip(deps: OriginDeps, place: OnTip, judged: Handed, id: string): Promise<Judgeable> {
  const { repositoryId, tip } = place;
  const handed = await bringIn(deps, repositoryId, judged, id);
  const commit = await onTip(deps, place, handed);
  if (commit !== tip) await deps.git.pushNew({ repositoryId, commit, ref: refOf(id) });
  return { handed, commit, baseCommit: tip };
}

async function atCheckpoint(deps: OriginDeps, planId: string, name: string): Promise<Judgeable> {
  const found = await onPlan(deps, planId, async (tx) => {
    const commit = await tx.checkpoint(name);
    return commit === null ? null : { handed: null, commit, baseCommit: tx.plan.baseCommit };
  });
  if (found !== null) return found;
  throw new DomainError('not_found', `The plan has no checkpoint ${JSON.stringify(name)}.`, {
    remedy: 'planwright snapshots PLAN --kind checkpoint lists those that it has.',
  });
}

const refOf = (id: string): string => `refs/planwright/judgements/${id}`;

/** Old ones go, with their refs in the hubs. A hub that is away keeps some: that is no reason not to judge. */
async function forget(deps: OriginDeps): Promise<void> {
  const gone = await deps.store.forgetJudgements();
  for (const repositoryId of new Set(gone.map((each) => each.repositoryId))) {
    const refs = gone
      .filter((each) => each.repositoryId === repositoryId)
      .flatMap(({ id, commit, handed }) =>
        handed === null
          ? []
          : [
              { ref: refOf(id), commit },
              { ref: `refs/planwright/submissions/${id}`, commit: handed },
            ],
      );
    await deps.git.deleteRefs({ repositoryId, refs }).catch((error: unknown) => {
      deps.log.warn({ err: error, repositoryId }, 'refs of old judgements stay in the hub');
    });
  }
}

function noPlan(planId: string): DomainError {
  return new DomainError('not_found', `There is no plan ${planId}.`);
}
