import type { Change } from '#domain/plan/change.js';

export type ChangeOf<E extends Change['entity']> = Extract<Change, { entity: E }>;

/** A decision's changes by what they change, each row once. */
export type WriteBatch = { readonly [E in Change['entity']]: ChangeOf<E>[] };

/** Rows that are addressed by an id of their own and may move more than once in one decision. */
type Moved = ChangeOf<'phase' | 'task' | 'attempt' | 'run' | 'integration'>;

/**
 * Sorts a decision's changes for writing set by set. Several steps of one row become one write, from the first
 * step's status to the last's; the machines have allowed each.
 */
export function batchChanges(changes: readonly Change[]): WriteBatch {
  const batch: WriteBatch = {
    plan: [],
    tip: [],
    phase: [],
    task: [],
    attempt: [],
    run: [],
    integration: [],
    delivery: [],
    new_delivery: [],
    new_attempt: [],
    new_run: [],
    new_integration: [],
    new_signal: [],
    cancel_waiting: [],
    release_phase: [],
    release_dependants: [],
    block_dependants: [],
    unblock_dependants: [],
    adopt_epoch: [],
    announce: [],
    measured: [],
    assign: [],
    assignment: [],
    follow_task: [],
    new_question: [],
    answer_question: [],
    recount: [],
    new_iteration: [],
    end_iterations: [],
    new_rewind: [],
    end_rewind: [],
    counters: [],
    open_tasks: [],
  };
  const moved = new Map<string, number>();
  for (const change of changes) {
    const list = batch[change.entity] as Change[];
    const key = keyOf(change);
    const at = key === null ? undefined : moved.get(key);
    if (key !== null && at === undefined) moved.set(key, list.length);
    if (at === undefined) list.push(change);
    else list[at] = merged(list[at] as Moved, change as Moved);
  }
  return batch;
}

function keyOf(change: Change): string | null {
  switch (change.entity) {
    case 'plan':
    case 'tip':
      return change.entity;
    case 'phase':
    case 'task':
    case 'attempt':
    case 'run':
    case 'integration':
      return `${change.entity} ${change.id}`;
    default:
      return null;
  }
}

function merged<C extends Moved | ChangeOf<'plan' | 'tip'>>(first: C, last: C): C {
  const sets =
    'set' in first && 'set' in last ? { set: { ...(first.set as object), ...(last.set as object) } } : {};
  return { ...last, from: first.from, ...sets };
}
