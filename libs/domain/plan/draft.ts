import type { PlanBudget } from '../cost/budget.js';
import { DomainError } from '../domain-error.js';
import { findGraphProblems, planEdges, type Edge, type GraphPhase } from './graph.js';
import type { PhaseApproval, PhaseEnd, PhaseMode } from './phase.machine.js';
import type { TaskEffect, WrittenBy } from './state.js';

/** A plan as edits see it: the whole structure as one value. What of it may change is in `editable.ts`. */
export interface Draft {
  readonly name: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly target: string;
  readonly concurrency: number;
  readonly priority: number;
  readonly autoCommit: boolean;
  /** What model calls may cost, in USD; null, or an absent key: as configured. */
  readonly budget: PlanBudget | null;
  readonly setup: unknown;
  readonly maxAttempts: number;
  readonly phases: readonly DraftPhase[];
}

export interface DraftPhase {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly mode: PhaseMode;
  readonly approval: PhaseApproval;
  readonly atEnd: PhaseEnd;
  readonly concurrency: number | null;
  readonly successCriteria: readonly string[];
  readonly tasks: readonly DraftTask[];
}

export interface DraftTask {
  readonly id: string;
  /** Given once, never again to another task. */
  readonly number: number;
  readonly key: string;
  readonly title: string;
  readonly prompt: string;
  readonly executor: unknown;
  /** Who wrote the executor. */
  readonly writtenBy: WrittenBy;
  readonly effect: TaskEffect;
  /** Name of an actor. */
  readonly assignedTo: string | null;
  readonly mayChange: readonly string[];
  readonly writes: readonly string[];
  /** Contracts that it may break, `<key>.<id>`. */
  readonly supersedes: readonly string[];
  /** Capabilities that whoever carries it out must have. */
  readonly needs: readonly string[];
  /** Slug of the profile that it is done under; null: whoever fits, or none. */
  readonly profile: string | null;
  readonly maxAttempts: number;
  readonly spec: { readonly yaml: string; readonly hash: string } | null;
  /** Keys of tasks. */
  readonly dependsOn: readonly string[];
}

export type PhaseFields = Partial<Omit<DraftPhase, 'id' | 'tasks'>>;
export type TaskFields = Partial<Omit<DraftTask, 'id' | 'number'>>;

/** @param position 1-based; at the end when absent or beyond it */
export function addPhase(draft: Draft, phase: DraftPhase, position?: number): Draft {
  return { ...draft, phases: inserted(draft.phases, phase, position) };
}

/** @throws DomainError `not_found` */
export function updatePhase(draft: Draft, id: string, fields: PhaseFields, position?: number): Draft {
  const phase = { ...phaseOf(draft, id), ...fields };
  if (position === undefined) return withPhase(draft, phase);
  return { ...draft, phases: inserted(without(draft.phases, id), phase, position) };
}

/** Takes its tasks along. @throws DomainError `not_found` */
export function deletePhase(draft: Draft, id: string): Draft {
  phaseOf(draft, id);
  return { ...draft, phases: without(draft.phases, id) };
}

/** @throws DomainError `not_found` */
export function addTask(draft: Draft, phaseId: string, task: DraftTask, position?: number): Draft {
  const phase = phaseOf(draft, phaseId);
  return withPhase(draft, { ...phase, tasks: inserted(phase.tasks, task, position) });
}

/** A phase or a position moves it. @throws DomainError `not_found` */
export function updateTask(
  draft: Draft,
  id: string,
  fields: TaskFields,
  move: { readonly phaseId?: string | undefined; readonly position?: number | undefined } = {},
): Draft {
  const { phase, task } = taskOf(draft, id);
  const renamed = renameKey(draft, task.key, fields.key);
  const changed = { ...task, ...fields };
  const home = phaseOf(renamed, phase.id);
  if (move.phaseId === undefined && move.position === undefined) {
    const tasks = home.tasks.map((each) => (each.id === id ? { ...changed } : each));
    return withPhase(renamed, { ...home, tasks });
  }
  const rest = withPhase(renamed, { ...home, tasks: without(home.tasks, id) });
  return addTask(rest, move.phaseId ?? phase.id, changed, move.position);
}

/** @throws DomainError `not_found` */
export function deleteTask(draft: Draft, id: string): Draft {
  const { phase } = taskOf(draft, id);
  return withPhase(draft, { ...phase, tasks: without(phase.tasks, id) });
}

/**
 * The edges of a draft that could run.
 *
 * @throws DomainError `invalid` with every problem of its dependencies
 */
export function edgesOf(draft: Draft): Edge[] {
  const phases: GraphPhase[] = draft.phases.map((phase) => ({
    name: phase.name,
    sequential: phase.mode === 'sequential',
    tasks: phase.tasks,
  }));
  const problems = findGraphProblems(phases).map((problem) => {
    const dependency = problem.dependency === undefined ? '' : `.dependsOn[${problem.dependency}]`;
    return { path: `phases[${problem.phase}].tasks[${problem.task}]${dependency}`, message: problem.message };
  });
  if (problems.length > 0) {
    throw new DomainError('invalid', 'The plan would no longer hold together; nothing was changed.', {
      problems,
    });
  }
  return planEdges(phases);
}

/** The edges that an edit takes away, and those that it adds or gives another kind. */
export function edgeChanges(before: Draft, after: Draft): { readonly gone: Edge[]; readonly set: Edge[] } {
  const idsOf = (draft: Draft) =>
    new Map(draft.phases.flatMap(({ tasks }) => tasks.map(({ key, id }) => [key, id] as const)));
  const named = (draft: Draft) => {
    const ids = idsOf(draft);
    return new Map(
      edgesOf(draft).map(({ task, dependsOn, kind }) => {
        const edge = { task: ids.get(task) ?? '', dependsOn: ids.get(dependsOn) ?? '', kind };
        return [`${edge.task} ${edge.dependsOn}`, edge] as const;
      }),
    );
  };
  const [now, old] = [named(after), named(before)];
  return {
    gone: [...old].filter(([pair]) => !now.has(pair)).map(([, edge]) => edge),
    set: [...now].filter(([pair, { kind }]) => old.get(pair)?.kind !== kind).map(([, edge]) => edge),
  };
}

/** One changed leaf: where, what it was, what it is. */
export interface DraftChange {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What an edit changed, phases and tasks named by what does not move: their id and key. */
export function draftChanges(before: Draft, after: Draft): DraftChange[] {
  const same = untouched(before, after);
  const [old, now] = [flatten(before, same), flatten(after, same)];
  const paths = [...new Set([...old.keys(), ...now.keys()])];
  return paths
    .filter((path) => JSON.stringify(old.get(path)) !== JSON.stringify(now.get(path)))
    .map((path) => ({ path, before: old.get(path) ?? null, after: now.get(path) ?? null }));
}

/** Tasks that an edit left as they are and where they are; edits copy only what they change. */
function untouched(before: Draft, after: Draft): ReadonlySet<DraftTask> {
  const places = new Map<DraftTask, string>();
  for (const { id, tasks } of before.phases)
    tasks.forEach((task, place) => places.set(task, `${id}/${place}`));
  const same = new Set<DraftTask>();
  for (const { id, tasks } of after.phases) {
    tasks.forEach((task, place) => {
      if (places.get(task) === `${id}/${place}`) same.add(task);
    });
  }
  return same;
}

function flatten(draft: Draft, left: ReadonlySet<DraftTask>): Map<string, unknown> {
  const { phases, ...head } = draft;
  const leaves = new Map<string, unknown>(Object.entries(head));
  phases.forEach(({ tasks, ...phase }, at) => {
    for (const [key, value] of Object.entries({ ...phase, position: at + 1 }))
      leaves.set(`phases[${phase.id}].${key}`, value);
    tasks.forEach((task, place) => {
      if (left.has(task)) return;
      for (const [key, value] of Object.entries({ ...task, phase: phase.id, position: place + 1 })) {
        leaves.set(`tasks[${task.number}].${key}`, value);
      }
    });
  });
  return leaves;
}

/** Whoever depends on a task, or supersedes what it proves, goes on doing so under its new key. */
function renameKey(draft: Draft, from: string, to: string | undefined): Draft {
  if (to === undefined || to === from) return draft;
  const phases = draft.phases.map((phase) => ({
    ...phase,
    tasks: phase.tasks.map((task) => ({
      ...task,
      dependsOn: task.dependsOn.map((key) => (key === from ? to : key)),
      supersedes: task.supersedes.map((name) => withTask(name, from, to)),
    })),
  }));
  return { ...draft, phases };
}

function withTask(contract: string, from: string, to: string): string {
  return contract.startsWith(`${from}.`) ? `${to}${contract.slice(from.length)}` : contract;
}

function withPhase(draft: Draft, phase: DraftPhase): Draft {
  return { ...draft, phases: draft.phases.map((each) => (each.id === phase.id ? phase : each)) };
}

function phaseOf(draft: Draft, id: string): DraftPhase {
  const phase = draft.phases.find((each) => each.id === id);
  if (phase === undefined) throw new DomainError('not_found', `The plan has no phase ${id}.`);
  return phase;
}

function taskOf(draft: Draft, id: string): { phase: DraftPhase; task: DraftTask } {
  for (const phase of draft.phases) {
    const task = phase.tasks.find((each) => each.id === id);
    if (task !== undefined) return { phase, task };
  }
  throw new DomainError('not_found', `The plan has no task ${id}.`);
}

function without<T extends { readonly id: string }>(items: readonly T[], id: string): T[] {
  return items.filter((item) => item.id !== id);
}

function inserted<T>(items: readonly T[], item: T, position: number | undefined): T[] {
  const at = Math.min(items.length, (position ?? items.length + 1) - 1);
  return [...items.slice(0, at), item, ...items.slice(at)];
}
