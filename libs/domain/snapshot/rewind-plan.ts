import { DomainError } from '../domain-error.js';
import type { PhaseState, PlanState, TaskState } from '../plan/state.js';
import { TASK_DONE, TASK_ENDED, type TaskStatus } from '../plan/task.machine.js';
import type { PhaseStatus } from '../plan/phase.machine.js';
import type { RewindTarget, TargetState } from './rewind-target.js';
import {
  landingsOf,
  pathTo,
  phaseKey,
  standingAt,
  type DoneTask,
  type Landing,
  type Standing,
} from './standing.js';

export interface RewindTask extends TaskState {
  readonly commitSha: string | null;
  /** Ids of the tasks that come first. */
  readonly dependsOn: readonly string[];
}

/** Everything that a rewind looks at. */
export interface RewindState extends TargetState {
  readonly plan: PlanState;
  /** In order. */
  readonly phases: readonly PhaseState[];
  readonly tasks: readonly RewindTask[];
  /** Paths that each commit of the plan branch touches; one that is missing may touch anything. */
  readonly files: ReadonlyMap<string, readonly string[]>;
}

export interface RestoredTask {
  readonly task: RewindTask;
  readonly done: DoneTask;
}

export interface KeptTask {
  readonly task: RewindTask;
  /** What of it was on the branch. */
  readonly landing: Landing;
}

/** What going back to a target does. */
export interface Rewind {
  readonly target: RewindTarget;
  /** The tip that is left. */
  readonly from: string;
  /** Commits that are on the branch no more, oldest first; and those that are on it again. */
  readonly dropped: readonly Landing[];
  readonly regained: readonly Landing[];
  /** Tasks that begin again, by number. Those that are kept are not among them. */
  readonly reset: readonly RewindTask[];
  /** Tasks that count as done again, as they were. */
  readonly restored: readonly RestoredTask[];
  /** Tasks whose commits are verified and integrated again, in the order in which they landed. */
  readonly kept: readonly KeptTask[];
  readonly phases: readonly { readonly phase: PhaseState; readonly to: PhaseStatus }[];
}

/** These are in somebody's hands, or wait for their word: a rewind takes them back. */
const HELD: readonly TaskStatus[] = ['claimed', 'awaiting_review', 'awaiting_answer'];

/**
 * What it takes to go back.
 *
 * @param keepIndependent of what landed after the target, whatever does not depend on the first of it is kept
 * @throws DomainError `conflict` where there is nothing to do, or nothing that could be kept
 */
export function planRewind(state: RewindState, target: RewindTarget, keepIndependent: boolean): Rewind {
  const { plan, tasks, events } = state;
  const then = standingAt(events, target.seq, plan.baseCommit);
  const landings = landingsOf(events);
  const [path, aim] = [pathTo(landings, plan.tipCommit), pathTo(landings, target.commit)];
  const dropped = path.filter(({ commit }) => !aim.some((each) => each.commit === commit));
  const regained = aim.filter(({ commit }) => !path.some((each) => each.commit === commit));
  if (keepIndependent && regained.length > 0) {
    throw new DomainError(
      'conflict',
      `"${target.name}" is not on the branch of plan ${plan.number} as it is now: there is nothing that could be kept.`,
      { remedy: 'Rewind without keepIndependent.' },
    );
  }
  const undone = tasks.filter((task) => isUndone(task, then));
  const independent = keepIndependent
    ? independentOf(state, dropped, undone, standingAt(events, Infinity, plan.baseCommit))
    : NOBODY;
  const reset = undone.filter(({ id }) => !independent.stay.has(id) && !independent.again.has(id));
  const kept = dropped.flatMap((landing): KeptTask[] => {
    const task = tasks.find(
      ({ number, commitSha }) => number === landing.task && commitSha === landing.commit,
    );
    return task !== undefined && independent.again.has(task.id) ? [{ task, landing }] : [];
  });
  const restored = tasks.flatMap((task): RestoredTask[] => {
    const done = then.done.get(task.number);
    const stands = task.status === done?.to && task.commitSha === done.commit;
    return done === undefined || stands || task.status === 'skipped' ? [] : [{ task, done }];
  });
  if (plan.tipCommit === target.commit && reset.length + restored.length === 0) {
    throw new DomainError('conflict', `Plan ${plan.number} stands at "${target.name}" already.`);
  }
  const phases = phasesAfter(state, then, { reset, restored, kept });
  return { target, from: plan.tipCommit, dropped, regained, reset, restored, kept, phases };
}

/** Done or failed since then, or in somebody's hands. A person's word that a task is left out stands. */
function isUndone(task: RewindTask, then: Standing): boolean {
  const { number, status } = task;
  if (HELD.includes(status)) return true;
  if (status === 'failed') return !then.failed.has(number);
  return TASK_DONE.includes(status) && !then.done.has(number);
}

interface Independent {
  /** Ids of tasks that stay done: they changed nothing. */
  readonly stay: ReadonlySet<string>;
  /** Ids of tasks whose commits come again. */
  readonly again: ReadonlySet<string>;
}
const NOBODY: Independent = { stay: new Set(), again: new Set() };

/**
 * The first task that landed after the target, or else the first that was done, is what is undone. With it goes what depends on a task that goes, what is
 * in a later phase than one (phases are barriers), and what changed a file that one had changed before. What depends on
 * a task that comes again can only begin once that is there: it goes, too.
 */
function independentOf(
  { phases, files }: RewindState,
  dropped: readonly Landing[],
  undone: readonly RewindTask[],
  now: Standing,
): Independent {
  const positionOf = new Map(phases.map((phase) => [phase.id, phase.position]));
  const landingOf = new Map(dropped.map((each) => [each.task, each]));
  const isDone = ({ status }: RewindTask): boolean => TASK_DONE.includes(status);
  const endOf = ({ number }: RewindTask): number =>
    landingOf.get(number)?.seq ?? now.done.get(number)?.seq ?? Infinity;
  const going = new Set(undone.filter((task) => !isDone(task)).map(({ id }) => id));
  const again = new Set<string>();
  const stay = new Set<string>();
  const touched = new Set<string>();
  let firstPhase = Infinity;
  // In the order in which they were done, so that whatever one needs was looked at before it.
  const order = undone.filter(isDone).sort((a, b) => endOf(a) - endOf(b));
  const first = dropped[0]?.task ?? order[0]?.number;
  for (const task of order) {
    const landing = landingOf.get(task.number);
    const paths = landing === undefined ? [] : files.get(landing.commit);
    const position = positionOf.get(task.phaseId) ?? 0;
    const goes =
      task.number === first ||
      task.status === 'satisfied' ||
      position > firstPhase ||
      task.dependsOn.some((id) => going.has(id) || again.has(id)) ||
      paths === undefined ||
      paths.some((path) => touched.has(path));
    if (goes) for (const path of paths ?? []) touched.add(path);
    if (goes || landing !== undefined) firstPhase = Math.min(firstPhase, position);
    (goes ? going : landing === undefined ? stay : again).add(task.id);
  }
  return { stay, again };
}

/** The first phase in which something is open runs, if it had begun; those behind it begin again in their turn. */
function phasesAfter(
  { phases, tasks }: RewindState,
  then: Standing,
  { reset, restored, kept }: Pick<Rewind, 'reset' | 'restored' | 'kept'>,
): Rewind['phases'] {
  const opened = new Set([...reset, ...kept.map(({ task }) => task)].map(({ id }) => id));
  const closed = new Set(restored.map(({ task }) => task.id));
  const isOpen = ({ id, status }: RewindTask): boolean =>
    opened.has(id) || (!closed.has(id) && !TASK_ENDED.includes(status));
  const moves: { phase: PhaseState; to: PhaseStatus }[] = [];
  let isBehind = false;
  for (const phase of phases) {
    const open = tasks.some((task) => task.phaseId === phase.id && isOpen(task));
    const to = statusAfter(phase, open, isBehind, then);
    if (to !== phase.status) moves.push({ phase, to });
    isBehind ||= to !== 'completed' && to !== 'skipped';
  }
  return moves;
}

function statusAfter(phase: PhaseState, open: boolean, isBehind: boolean, then: Standing): PhaseStatus {
  const { status } = phase;
  if (isBehind) return status === 'running' || status === 'awaiting_approval' || open ? 'pending' : status;
  if (open) return status === 'pending' ? status : 'running';
  if (status === 'skipped') return status;
  return then.phases.has(phaseKey(phase.position, phase.name)) ? 'completed' : status;
}
