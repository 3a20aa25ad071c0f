import { DomainError } from '../domain-error.js';
import type { Draft, DraftPhase, DraftTask } from './draft.js';
import type { PhaseStatus } from './phase.machine.js';
import { PLAN_MOVING, type PlanStatus } from './plan.machine.js';
import { splitContract } from './supersedes.js';
import { TASK_OPEN_TO_EDITS, type TaskStatus } from './task.machine.js';

/** How a task stands when its plan is edited. */
export interface TaskStanding {
  readonly status: TaskStatus;
  /** All attempts, whatever became of them. */
  readonly attempts: number;
}

/** How a plan stands when it is edited: what has begun is pinned. */
export interface EditState {
  readonly plan: { readonly number: number; readonly status: PlanStatus; readonly activeTasks: number };
  /** By id, as for the tasks. What an edit adds is in neither. */
  readonly phases: ReadonlyMap<string, PhaseStatus>;
  readonly tasks: ReadonlyMap<string, TaskStanding>;
}

type PhaseField = Exclude<keyof DraftPhase, 'id' | 'tasks'>;

const PHASE_TEXT: readonly PhaseField[] = ['name', 'description', 'successCriteria'];
/** What of a phase may change in each status; its tasks are judged by themselves. */
const PHASE_MAY_CHANGE: { readonly [S in PhaseStatus]?: readonly PhaseField[] } = {
  pending: [...PHASE_TEXT, 'mode', 'approval', 'atEnd', 'concurrency'],
  running: [...PHASE_TEXT, 'atEnd', 'concurrency'],
  awaiting_approval: PHASE_TEXT,
};

/** What can be done about a task that is pinned. */
const TASK_REMEDY: { readonly [S in TaskStatus]?: string } = {
  queued: 'Pause the plan and edit it then, or wait until it ends.',
  executing: 'Pause the plan with now and edit it then, or wait until it ends.',
  verifying: 'Wait until it ends; a failed task can be edited and retried.',
  integrating: 'Wait until it ends; a failed task can be edited and retried.',
  awaiting_review: 'Approve or reject its diff first.',
  awaiting_answer: 'Answer its question first, or skip it.',
  claimed: 'Whoever has it can release it, or hand it in.',
};
const ENDED_REMEDY = 'What has ended stays as it is. Add a task that comes after it.';

/**
 * Whether an edit of a plan that can be edited leaves alone what has begun or ended.
 *
 * @throws DomainError `conflict` naming the plan, phase or task, its state, and what can be done
 */
export function checkEditable(before: Draft, after: Draft, state: EditState): void {
  checkSetup(before, after, state);
  for (const [index, phase] of before.phases.entries()) {
    checkPhase(phase, index, after.phases.find(({ id }) => id === phase.id) ?? null, state);
  }
  checkOrder(before, after, state);
  checkTasks(before, after, state);
  for (const [index, phase] of after.phases.entries()) {
    checkPlaces(before.phases.find(({ id }) => id === phase.id) ?? null, phase, index, state);
  }
}

/** @throws DomainError `conflict` naming the plan's state */
export function checkPlanEditable({ plan }: EditState): void {
  if (plan.status !== 'draft' && plan.status !== 'ready' && !PLAN_MOVING.includes(plan.status)) {
    throw new DomainError('conflict', `Plan ${plan.number} is ${plan.status}; it cannot be edited.`, {
      remedy: 'A plan can be edited before it starts, and while it runs, pauses or is paused.',
    });
  }
}

function checkSetup(before: Draft, after: Draft, { plan }: EditState): void {
  if (plan.activeTasks > 0 && !same(before.setup, after.setup)) {
    throw new DomainError(
      'conflict',
      `Plan ${plan.number} is ${plan.status} and ${plan.activeTasks} of its tasks are under way; the setup of their workspaces cannot change.`,
      { remedy: 'Pause the plan, change it once nothing is under way, and resume.' },
    );
  }
}

function checkPhase(phase: DraftPhase, index: number, after: DraftPhase | null, state: EditState): void {
  const status = state.phases.get(phase.id) ?? 'pending';
  const mayChange = PHASE_MAY_CHANGE[status] ?? [];
  const { id: _, tasks: __, ...fields } = phase;
  const changed = (Object.keys(fields) as PhaseField[]).filter(
    (field) => after !== null && !same(phase[field], after[field]) && !mayChange.includes(field),
  );
  if (changed.length > 0) {
    const remedy =
      mayChange.length === 0 ? 'What has ended stays as it is.' : `It may change ${mayChange.join(', ')}.`;
    throw phaseConflict(state, phase, index, `its ${changed.join(', ')} cannot change`, remedy);
  }
  if (after === null && status !== 'pending') {
    const remedy = 'Delete or skip what has not begun of it; what it has done stays.';
    throw phaseConflict(state, phase, index, 'it cannot be deleted', remedy);
  }
}

/** Phases are barriers: what has begun stays in front, in its order. A skipped phase holds nobody up. */
function checkOrder(before: Draft, after: Draft, state: EditState): void {
  const begun = (draft: Draft) => draft.phases.filter(({ id }) => hasBegun(state.phases.get(id)));
  const order = begun(before);
  const moved = begun(after).find(({ id }, at) => order[at]?.id !== id);
  const firstPending = after.phases.findIndex(({ id }) => (state.phases.get(id) ?? 'pending') === 'pending');
  const behind =
    firstPending < 0 ? undefined : begun({ ...after, phases: after.phases.slice(firstPending) })[0];
  const phase = moved ?? behind;
  if (phase === undefined) return;
  const index = before.phases.findIndex(({ id }) => id === phase.id);
  const last = before.phases.findLastIndex(({ id }) => hasBegun(state.phases.get(id)));
  const remedy = `The first place for a phase that has not begun is ${last + 2}.`;
  throw phaseConflict(state, phase, index, 'no other phase can be placed before it', remedy);
}

function hasBegun(status: PhaseStatus | undefined): boolean {
  return status !== undefined && status !== 'pending' && status !== 'skipped';
}

interface Placed {
  readonly task: DraftTask;
  readonly phaseId: string;
}

function checkTasks(before: Draft, after: Draft, state: EditState): void {
  const now = placed(after);
  const [idsBefore, idsNow] = [idsByKey(before), idsByKey(after)];
  for (const [id, { task, phaseId }] of placed(before)) {
    const standing = state.tasks.get(id) ?? { status: 'pending', attempts: 0 };
    const next = now.get(id);
    const isPinned = !TASK_OPEN_TO_EDITS.includes(standing.status);
    if (next === undefined) {
      if (isPinned) throw taskConflict(state, task, standing.status, 'it cannot be deleted');
      if (standing.attempts > 0) {
        throw new DomainError(
          'conflict',
          `Task ${state.plan.number}.${task.number} is ${standing.status} and has ${standing.attempts} attempts; its history cannot be deleted.`,
          { remedy: 'Skip it: what depends on it goes on if the skip satisfies it.' },
        );
      }
      continue;
    }
    const isMoved = next.phaseId !== phaseId;
    if (isMoved && (isPinned || standing.status === 'failed'))
      throw taskConflict(state, task, standing.status, 'it cannot move to another phase');
    if (!isPinned || next.task === task) continue;
    const changed = changedFields(task, next.task, idsBefore, idsNow);
    if (changed.length > 0)
      throw taskConflict(state, task, standing.status, `its ${changed.join(', ')} cannot change`);
  }
}

/** Dependencies and contracts are the same when they name the same tasks, whatever their keys are now. */
function changedFields(
  task: DraftTask,
  next: DraftTask,
  idsBefore: ReadonlyMap<string, string>,
  idsNow: ReadonlyMap<string, string>,
): string[] {
  const { dependsOn: waitsFor, supersedes, ...fields } = task;
  const changed: string[] = (Object.keys(fields) as (keyof typeof fields)[]).filter(
    (field) => !same(task[field], next[field]),
  );
  const ids = (keys: readonly string[], idOf: ReadonlyMap<string, string>) =>
    keys.map((key) => idOf.get(key) ?? key).sort();
  const contracts = (names: readonly string[], idOf: ReadonlyMap<string, string>) =>
    names.map((name) => {
      const { task: key, id } = splitContract(name);
      return `${idOf.get(key) ?? key}.${id}`;
    });
  if (!same(contracts(supersedes, idsBefore), contracts(next.supersedes, idsNow))) changed.push('supersedes');
  return same(ids(waitsFor, idsBefore), ids(next.dependsOn, idsNow)) ? changed : [...changed, 'dependsOn'];
}

/**
 * A phase that has begun gets tasks behind those that have begun or ended; one that has ended gets none. What stands
 * before a pinned task stood there already.
 */
function checkPlaces(before: DraftPhase | null, after: DraftPhase, index: number, state: EditState): void {
  const status = state.phases.get(after.id) ?? 'pending';
  if (before === null || status === 'pending') return;
  const placeOf = new Map(before.tasks.map(({ id }, place) => [id, place]));
  if (status !== 'running' && after.tasks.some(({ id }) => !placeOf.has(id))) {
    const remedy = 'Put the task into a later phase, or into a new one.';
    throw phaseConflict(state, before, index, 'it takes no more tasks', remedy);
  }
  let furthest = -1;
  for (const task of after.tasks) {
    const place = placeOf.get(task.id) ?? Infinity;
    const standing = state.tasks.get(task.id);
    const isPinned = standing !== undefined && !TASK_OPEN_TO_EDITS.includes(standing.status);
    if (isPinned && furthest > place)
      throw taskConflict(state, task, standing.status, 'no other task can be placed before it');
    furthest = Math.max(furthest, place);
  }
}

function placed(draft: Draft): Map<string, Placed> {
  return new Map(
    draft.phases.flatMap(({ id: phaseId, tasks }) =>
      tasks.map((task) => [task.id, { task, phaseId }] as const),
    ),
  );
}

function idsByKey(draft: Draft): Map<string, string> {
  return new Map(draft.phases.flatMap(({ tasks }) => tasks.map(({ key, id }) => [key, id] as const)));
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function phaseConflict(
  { plan, phases }: EditState,
  { id, name }: DraftPhase,
  index: number,
  what: string,
  remedy: string,
): DomainError {
  const status = phases.get(id) ?? 'pending';
  return new DomainError(
    'conflict',
    `Phase ${index + 1} "${name}" of plan ${plan.number} is ${status}; ${what}.`,
    { remedy },
  );
}

function taskConflict(
  { plan }: EditState,
  { number }: DraftTask,
  status: TaskStatus,
  what: string,
): DomainError {
  const remedy = status === 'failed' ? 'Skip it and add another.' : (TASK_REMEDY[status] ?? ENDED_REMEDY);
  return new DomainError('conflict', `Task ${plan.number}.${number} is ${status}; ${what}.`, { remedy });
}
