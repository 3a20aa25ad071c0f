import type { PlanEventView, PlanView, TaskView } from '#contracts/api/plans.js';

export interface History {
  readonly plan: PlanView;
  /** All events of the plan, in order. */
  readonly events: readonly PlanEventView[];
  /** Commits from the plan's base to its branch, oldest first. */
  readonly branch: readonly { readonly sha: string; readonly message: string }[];
}

export type PlanEnd = 'completed' | 'cancelled' | 'archived';

/** How tasks may stand at the end of a plan; nothing of them is lost. */
const ENDED: Readonly<Record<PlanEnd, readonly TaskView['status'][]>> = {
  completed: ['completed', 'satisfied', 'skipped'],
  cancelled: ['completed', 'satisfied', 'skipped', 'failed', 'cancelled'],
  archived: ['completed', 'satisfied', 'skipped'],
};
const ENDINGS = ['task.completed', 'task.satisfied', 'task.skipped'];

/**
 * The one judge of every crash run: each effect at most once, nothing before its dependencies, nothing lost, nothing on
 * the branch that a person did not let there, and the plan branch equal to the integrated commits in order.
 *
 * @returns what is wrong, as sentences; none for a sound history
 */
export function findFaults(whole: History, end: PlanEnd = 'completed'): string[] {
  const history = { ...whole, events: standingEvents(whole.events) };
  return [
    ...numbering(whole),
    ...lostTasks(history, end),
    ...repeatedEffects(history),
    ...dependenciesFirst(history),
    ...reviewedFirst(history),
    ...paidTwice(history),
    ...branchEqualsIntegrations(history),
  ];
}

/** What a rewind took back of the tasks that began again: as if it had never been. */
const UNDONE = ['task.integrated', 'task.completed', 'task.satisfied', 'attempt.started', 'task.waiting'];

/** The events without what rewinds took back. */
function standingEvents(events: History['events']): History['events'] {
  const rewinds = events.filter(({ type }) => type === 'plan.rewound');
  return events.filter(({ seq, type, payload }) => {
    const task = payload['task'] as number;
    return !(
      UNDONE.includes(type) &&
      rewinds.some((rewind) => rewind.seq > seq && (rewind.payload['reset'] as number[]).includes(task))
    );
  });
}

function numbering({ events }: History): string[] {
  return events.flatMap((event, index) =>
    event.seq === index + 1 ? [] : [`event ${index + 1} has number ${event.seq}`],
  );
}

/** Tasks that did not come to an end, and the plan if it did not. */
export function lostTasks({ plan }: History, end: PlanEnd = 'completed'): string[] {
  const open = tasksOf(plan).filter((task) => !ENDED[end].includes(task.status));
  const faults = open.map((task) => `task ${task.number} is ${task.status}`);
  if (plan.status !== end) faults.push(`the plan is ${plan.status}`);
  return faults;
}

/** Tasks that ended, landed, or began, returned or were graded in one attempt, more often than once. */
export function repeatedEffects({ plan, events: all }: History): string[] {
  const events = standingEvents(all);
  return tasksOf(plan).flatMap((task) => {
    const of = (...types: readonly string[]) =>
      events.filter((event) => types.includes(event.type) && event.payload['task'] === task.number);
    const ended = of(...ENDINGS).length;
    const wanted = ENDED.completed.includes(task.status) ? 1 : 0;
    const faults = ended === wanted ? [] : [`task ${task.number} ended ${ended} times`];
    const integrated = of('task.integrated').length;
    if (integrated !== (task.commit === null ? 0 : 1))
      faults.push(`task ${task.number} was integrated ${integrated} times`);
    for (const type of ['attempt.started', 'attempt.executed', 'attempt.failed', 'attempt.lost']) {
      const attempts = of(type).map((event) => event.payload['attempt']);
      if (new Set(attempts).size !== attempts.length)
        faults.push(`task ${task.number} has ${type} twice in one attempt: ${attempts.join(', ')}`);
    }
    return faults;
  });
}

function dependenciesFirst({ plan, events }: History): string[] {
  const at = (types: readonly string[], task: number) =>
    events.find((event) => types.includes(event.type) && event.payload['task'] === task)?.seq ?? Infinity;
  const begin = (task: number) => at(['attempt.started', 'task.waiting'], task);
  return plan.phases.flatMap((phase, index) => {
    const barrier = plan.phases.slice(0, index).flatMap((before) => before.tasks.map((task) => task.number));
    return phase.tasks.flatMap((task, place) => {
      const before =
        phase.mode === 'sequential' ? phase.tasks.slice(0, place).map((other) => other.number) : [];
      return [...barrier, ...before, ...task.dependsOn]
        .filter((needed) => begin(task.number) < Infinity && at(ENDINGS, needed) > begin(task.number))
        .map((needed) => `task ${task.number} started before task ${needed} was done`);
    });
  });
}

/** What was shown to a person last is what they let onto the branch, and before it was there. */
function reviewedFirst({ plan, events }: History): string[] {
  return tasksOf(plan).flatMap(({ number }) => {
    const landed = events.find(
      ({ type, payload }) => type === 'task.integrated' && payload['task'] === number,
    );
    const before = events.filter(
      ({ seq, payload }) => payload['task'] === number && seq < (landed?.seq ?? 0),
    );
    const shown = before.findLast(({ type }) => type === 'task.awaiting_review');
    if (shown === undefined) return [];
    const allowed = before.findLast(({ type, seq }) => type === 'task.approved' && seq > shown.seq);
    return allowed?.payload['patch'] === shown.payload['patch']
      ? []
      : [`task ${number} landed with a diff that nobody let onto the branch`];
  });
}

/** What an agent has made is kept: the death of a verifier or an integrator costs their own step alone. */
function paidTwice({ events }: History): string[] {
  const made = new Set<string>();
  const faults: string[] = [];
  for (const { type, payload } of events) {
    const attempt = `attempt ${payload['attempt']} of task ${payload['task']}`;
    if (type === 'attempt.executed') made.add(attempt);
    else if (type === 'attempt.lost' && made.has(attempt))
      faults.push(`${attempt} was lost after its work was recorded`);
  }
  return faults;
}

function branchEqualsIntegrations({ plan, events, branch }: History): string[] {
  const integrated = events
    .filter((event) => event.type === 'task.integrated')
    .map((event) => String(event.payload['commit']));
  const shas = branch.map((commit) => commit.sha);
  const faults =
    integrated.join() === shas.join()
      ? []
      : [`the branch is ${shas.join()}, the events say ${integrated.join()}`];
  if ((shas.at(-1) ?? plan.baseCommit) !== plan.tipCommit)
    faults.push(`the branch ends at ${shas.at(-1)}, the plan at ${plan.tipCommit}`);
  const named = branch.map((commit) => /^Planwright-Task: (\S+)$/m.exec(commit.message)?.[1]);
  if (new Set(named).size !== branch.length) faults.push(`a task has two commits: ${named.join(', ')}`);
  return faults;
}

function tasksOf(plan: PlanView) {
  return plan.phases.flatMap((phase) => phase.tasks);
}
