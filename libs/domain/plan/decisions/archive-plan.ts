import { DomainError } from '../../domain-error.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import type { PlanStatus } from '../plan.machine.js';
import type { ArchiveRequest, ArchiveSeal, PlanState } from '../state.js';
import type { TaskStatus } from '../task.machine.js';
import { endOpenWork, type OpenWork } from './cancel-plan.js';

const MESSAGE = 'the plan was archived';
const ARCHIVABLE: readonly PlanStatus[] = ['completed', 'failed', 'cancelled', 'paused'];

/** Tasks that have not ended: all of them counted, the first of them named. */
export interface UnendedTasks {
  readonly count: number;
  readonly first: readonly { readonly number: number; readonly title: string; readonly status: TaskStatus }[];
}

/**
 * A person closes a plan for ever. From here on nothing of it is claimed or recorded any more; what is open is ended by
 * `decideArchiveEnds`.
 *
 * @returns an empty decision for a plan that is being archived already
 * @throws DomainError `conflict` naming the state or the open tasks; `invalid` for a forced archive without a note
 */
export function decideArchive(
  plan: PlanState,
  unended: UnendedTasks,
  request: Pick<ArchiveRequest, 'note' | 'forced' | 'actorId' | 'at'>,
): Decision {
  const builder = new DecisionBuilder(plan);
  if (plan.status === 'archiving') return builder.done();
  if (!ARCHIVABLE.includes(plan.status)) throw notArchivable(plan);
  if (unended.count > 0 && !request.forced) throw stillOpen(plan, unended);
  if (request.forced && request.note === null) {
    throw new DomainError('invalid', 'A forced archive needs a note that says why.', {
      remedy: 'Add a note.',
      problems: [{ path: 'note', message: 'is needed with force' }],
    });
  }
  const archive: ArchiveRequest = { ...request, from: plan.status, open: unended.count };
  // What was claimed in a paused plan is void; an ended one has nothing under way.
  const epoch = plan.status === 'paused' ? { epoch: plan.epoch + 1 } : {};
  builder.movePlan('archiving', { ...epoch, pauseReason: null, pauseNote: null, archive });
  builder.add({ entity: 'end_iterations', message: MESSAGE });
  const { from, note, forced, open } = archive;
  return builder.event('plan.archiving', { from, note, forced, open }).done();
}

/** Ends what a paused plan left open: tasks that wait, a review that was never given, what a person had claimed. */
export function decideArchiveEnds(plan: PlanState, open: OpenWork): Decision {
  const builder = new DecisionBuilder(plan, { endsOldEpoch: true });
  endOpenWork(builder, plan, open, null, MESSAGE);
  return builder.done();
}

/** The archive is stored: nothing of the plan ever changes again. */
export function decideArchived(plan: PlanState, seal: ArchiveSeal): Decision {
  const { commit, manifest, bundle, keyId } = seal;
  return new DecisionBuilder(plan)
    .movePlan('archived', { archive: seal })
    .event('plan.archived', { commit, manifest, bundle, keyId })
    .done();
}

function notArchivable(plan: PlanState): DomainError {
  const message = `Plan ${plan.number} is ${plan.status}; only a plan that has ended, or is paused, can be archived.`;
  const remedy =
    plan.status === 'draft' || plan.status === 'ready' ? 'Delete it.' : 'Pause or cancel it first.';
  return new DomainError('conflict', message, { remedy });
}

function stillOpen(plan: PlanState, { count, first }: UnendedTasks): DomainError {
  const names = first.map((task) => `${plan.number}.${task.number} ${task.title} (${task.status})`);
  const more = count > first.length ? `, and ${count - first.length} more` : '';
  const are = count === 1 ? 'task has' : 'tasks have';
  return new DomainError('conflict', `${count} ${are} not ended: ${names.join(', ')}${more}.`, {
    remedy:
      'Finish, skip or cancel what is open; or archive it as it is, with force and a note that says why.',
  });
}
