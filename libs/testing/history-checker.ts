import type { PlanEventView, PlanView } from '#contracts/api/plans.js';

export interface History {
  readonly plan: PlanView;
  /** All events of the plan, in order. */
  readonly events: readonly PlanEventView[];
  /** Commits from the plan's base to its branch, oldest first. */
  readonly branch: readonly { readonly sha: string; readonly message: string }[];
}

/**
 * The one judge of every crash run: each effect at most once, nothing before its dependencies, nothing lost, and the
 * plan branch equal to the integrated commits in order.
 *
 * @returns what is wrong, as sentences; none for a sound history
 */
export function findFaults(history: History): string[] {
  return [
    ...numbering(history),
    ...nothingLost(history),
    ...onceEach(history),
    ...dependenciesFirst(history),
    ...branchEqualsIntegrations(history),
  ];
}

function numbering({ events }: History): string[] {
  return events.flatMap((event, index) =>
    event.seq === index + 1 ? [] : [`event ${index + 1} has number ${event.seq}`],
  );
}

function nothingLost({ plan }: History): string[] {
  const open = tasksOf(plan).filter((task) => task.status !== 'completed' && task.status !== 'satisfied');
  const faults = open.map((task) => `task ${task.number} is ${task.status}`);
  if (plan.status !== 'completed') faults.push(`the plan is ${plan.status}`);
  return faults;
}

function onceEach({ plan, events }: History): string[] {
  return tasksOf(plan).flatMap((task) => {
    const of = (type: string) =>
      events.filter((event) => event.type === type && event.payload['task'] === task.number);
    const ended = of('task.completed').length + of('task.satisfied').length;
    const integrated = of('task.integrated').length;
    const faults = ended === 1 ? [] : [`task ${task.number} ended ${ended} times`];
    if (integrated !== (task.commit === null ? 0 : 1))
      faults.push(`task ${task.number} was integrated ${integrated} times`);
    const starts = of('attempt.started').map((event) => event.payload['attempt']);
    if (new Set(starts).size !== starts.length)
      faults.push(`task ${task.number} started one attempt twice: ${starts.join(', ')}`);
    return faults;
  });
}

function dependenciesFirst({ plan, events }: History): string[] {
  const at = (type: string, task: number) =>
    events.find((event) => event.type === type && event.payload['task'] === task)?.seq ?? Infinity;
  const endOf = (task: number) => Math.min(at('task.completed', task), at('task.satisfied', task));
  return plan.phases.flatMap((phase, index) => {
    const barrier = plan.phases.slice(0, index).flatMap((before) => before.tasks.map((task) => task.number));
    return phase.tasks.flatMap((task, place) => {
      const before =
        phase.mode === 'sequential' ? phase.tasks.slice(0, place).map((other) => other.number) : [];
      return [...barrier, ...before, ...task.dependsOn]
        .filter((needed) => endOf(needed) > at('attempt.started', task.number))
        .map((needed) => `task ${task.number} started before task ${needed} was done`);
    });
  });
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
  if (shas.at(-1) !== plan.tipCommit)
    faults.push(`the branch ends at ${shas.at(-1)}, the plan at ${plan.tipCommit}`);
  const named = branch.map((commit) => /^Planwright-Task: (\S+)$/m.exec(commit.message)?.[1]);
  if (new Set(named).size !== branch.length) faults.push(`a task has two commits: ${named.join(', ')}`);
  return faults;
}

function tasksOf(plan: PlanView) {
  return plan.phases.flatMap((phase) => phase.tasks);
}
