import { DomainError } from '../domain-error.js';
import { landingsOf, standingAt, type PastEvent } from './standing.js';

/** A snapshot, as far as a rewind can be told by it. */
export interface NumberedSnapshot {
  readonly task: number;
  readonly sequence: number;
  readonly kind: string;
  readonly attempt: number | null;
  readonly commit: string;
}

/** Where a plan is to go back to. */
export interface RewindTarget {
  /** As the person named it. */
  readonly name: string;
  readonly commit: string;
  /** The event after which things stood so. */
  readonly seq: number;
}

export interface TargetState {
  readonly plan: { readonly number: number; readonly baseCommit: string };
  readonly tasks: readonly { readonly number: number }[];
  /** Those that targets and standings follow from, in order. */
  readonly events: readonly PastEvent[];
  readonly snapshots: readonly NumberedSnapshot[];
}

/** The forms of a target, for people. */
export const TARGET_FORMS =
  'the name of a checkpoint, 12.3 (right after task 3 was done), before/12.3, 12.3/2 (its snapshot 2), base, or lineage/4 (what the rewind that ended epoch 4 left)';

const TASK = String.raw`(?:(\d{1,9})\.)?(\d{1,9})`;
const DONE = new RegExp(`^${TASK}$`);
const BEFORE = new RegExp(`^before/${TASK}$`);
const SNAPSHOT = new RegExp(`^${TASK}/(\\d{1,9})$`);
const LINEAGE = /^lineage\/(\d{1,9})$/;

/** @throws DomainError `not_found` for what the plan does not have, `conflict` for what was never on its branch */
export function resolveTarget(state: TargetState, name: string): RewindTarget {
  const { plan } = state;
  if (name === 'base') return { name, commit: plan.baseCommit, seq: 0 };
  const lineage = LINEAGE.exec(name);
  if (lineage !== null) return beforeRewind(state, name, Number(lineage[1]));
  const done = DONE.exec(name);
  if (done !== null) return afterTask(state, name, taskOf(state, name, done));
  const before = BEFORE.exec(name);
  if (before !== null) return beforeTask(state, name, taskOf(state, name, before));
  const snapshot = SNAPSHOT.exec(name);
  if (snapshot !== null) return atSnapshot(state, name, taskOf(state, name, snapshot), Number(snapshot[3]));
  const named = state.events.findLast(
    ({ type, payload }) => type === 'snapshot.created' && payload['name'] === name,
  );
  if (named === undefined) throw unknown(state, `no checkpoint "${name}"`);
  return at(state, name, named.seq);
}

function at({ plan, events }: TargetState, name: string, seq: number): RewindTarget {
  return { name, commit: standingAt(events, seq, plan.baseCommit).tip, seq };
}

function taskOf(state: TargetState, name: string, [, plan, task]: RegExpExecArray): number {
  if (plan !== undefined && Number(plan) !== state.plan.number)
    throw unknown(state, `no task "${name}": it belongs to another plan`);
  if (state.tasks.some(({ number }) => number === Number(task))) return Number(task);
  throw unknown(state, `no task ${task}`);
}

function beforeRewind(state: TargetState, name: string, lineage: number): RewindTarget {
  const left = state.events.find(
    ({ type, payload }) => type === 'plan.rewinding' && payload['lineage'] === lineage,
  );
  if (left === undefined) throw unknown(state, `no lineage ${lineage}`);
  return at(state, name, left.seq - 1);
}

function doneTask({ plan, events }: TargetState, task: number) {
  const found = standingAt(events, Infinity, plan.baseCommit).done.get(task);
  if (found !== undefined) return found;
  throw new DomainError(
    'conflict',
    `Task ${plan.number}.${task} is not done: nothing of it can be gone back to.`,
    {
      remedy: `Name another target: ${TARGET_FORMS}.`,
    },
  );
}

function afterTask(state: TargetState, name: string, task: number): RewindTarget {
  const { commit, seq } = doneTask(state, task);
  const landed = commit === null ? undefined : landingsOf(state.events).get(commit);
  if (landed === undefined) return at(state, name, seq);
  // A rewind may have brought it back later: what counts is when it came onto the branch.
  return at(state, name, endOf(state, landed.task, landed.seq));
}

function beforeTask(state: TargetState, name: string, task: number): RewindTarget {
  const { commit, seq } = doneTask(state, task);
  const landed = commit === null ? undefined : landingsOf(state.events).get(commit);
  return at(state, name, (landed?.seq ?? seq) - 1);
}

/** The task is completed in the decision in which its commit lands. */
function endOf({ events }: TargetState, task: number, landed: number): number {
  const end = events.find(
    ({ seq, type, payload }) => seq > landed && type === 'task.completed' && payload['task'] === task,
  );
  return end?.seq ?? landed;
}

function atSnapshot(state: TargetState, name: string, task: number, sequence: number): RewindTarget {
  const { plan, events, snapshots } = state;
  const snapshot = snapshots.find((each) => each.task === task && each.sequence === sequence);
  if (snapshot === undefined) throw unknown(state, `no snapshot ${sequence} of task ${plan.number}.${task}`);
  const { kind, attempt, commit } = snapshot;
  if (kind === 'before') {
    const begun = events.find(
      ({ type, payload }) =>
        (type === 'attempt.started' || type === 'task.submitted') &&
        payload['task'] === task &&
        payload['attempt'] === attempt,
    );
    if (begun !== undefined) return at(state, name, begun.seq);
  }
  const landed = landingsOf(events).get(commit);
  if (landed !== undefined) return at(state, name, endOf(state, landed.task, landed.seq));
  throw new DomainError(
    'conflict',
    `Snapshot ${sequence} of task ${plan.number}.${task} (${kind}) was never on the plan branch: the plan cannot go back to it.`,
    { remedy: `Name another target: ${TARGET_FORMS}.` },
  );
}

function unknown({ plan }: TargetState, what: string): DomainError {
  return new DomainError('not_found', `Plan ${plan.number} has ${what}.`, {
    remedy: `A target is one of: ${TARGET_FORMS}.`,
  });
}
