/** The shape of a plan: phases are barriers in order, tasks inside and across them depend on each other. */

export interface GraphTask {
  readonly key: string;
  readonly dependsOn: readonly string[];
}

export interface GraphPhase {
  readonly name: string;
  readonly sequential: boolean;
  readonly tasks: readonly GraphTask[];
}

export interface GraphProblem {
  readonly phase: number;
  readonly task: number;
  /** Index into `dependsOn`, where one dependency is to blame. */
  readonly dependency?: number;
  readonly message: string;
}

export interface Edge {
  readonly task: string;
  readonly dependsOn: string;
  readonly kind: 'explicit' | 'sequence';
}

/**
 * Everything that is wrong with the dependencies: duplicate keys, unknown names, self and repeated dependencies,
 * dependencies on a later phase, and cycles (in a sequential phase, order counts as a dependency).
 */
export function findGraphProblems(phases: readonly GraphPhase[]): GraphProblem[] {
  const problems: GraphProblem[] = [];
  const phaseOf = new Map<string, number>();
  phases.forEach((phase, p) =>
    phase.tasks.forEach((task, t) => {
      if (phaseOf.has(task.key))
        problems.push({ phase: p, task: t, message: `two tasks have the key "${task.key}"` });
      else phaseOf.set(task.key, p);
    }),
  );
  phases.forEach((phase, p) =>
    phase.tasks.forEach((task, t) => {
      task.dependsOn.forEach((name, d) => {
        const message = dependencyProblem(task, name, d, p, phaseOf);
        if (message !== null) problems.push({ phase: p, task: t, dependency: d, message });
      });
    }),
  );
  if (problems.length === 0) problems.push(...findCycles(phases));
  return problems;
}

function dependencyProblem(
  task: GraphTask,
  name: string,
  index: number,
  phase: number,
  phaseOf: ReadonlyMap<string, number>,
): string | null {
  const target = phaseOf.get(name);
  if (name === task.key) return `task "${task.key}" depends on itself`;
  if (target === undefined) return `task "${task.key}" depends on "${name}", which no task has as its key`;
  if (target > phase) {
    return `task "${task.key}" depends on "${name}" of a later phase; phases run in order, so this is a cycle`;
  }
  if (task.dependsOn.indexOf(name) !== index) return `task "${task.key}" depends on "${name}" twice`;
  return null;
}

/**
 * All edges of a plan: the author's, and one from each task of a sequential phase to the task before it.
 * An edge that is both counts once, as `explicit`.
 */
export function planEdges(phases: readonly GraphPhase[]): Edge[] {
  const edges: Edge[] = [];
  for (const phase of phases) {
    phase.tasks.forEach((task, index) => {
      for (const name of task.dependsOn) edges.push({ task: task.key, dependsOn: name, kind: 'explicit' });
      const before = phase.sequential ? phase.tasks[index - 1] : undefined;
      if (before !== undefined && !task.dependsOn.includes(before.key)) {
        edges.push({ task: task.key, dependsOn: before.key, kind: 'sequence' });
      }
    });
  }
  return edges;
}

/** Kahn's algorithm (1962): what cannot be ordered lies on, or behind, a cycle. */
function findCycles(phases: readonly GraphPhase[]): GraphProblem[] {
  const edges = planEdges(phases);
  const open = new Map<string, number>();
  const dependants = new Map<string, string[]>();
  for (const phase of phases) for (const task of phase.tasks) open.set(task.key, 0);
  for (const edge of edges) {
    open.set(edge.task, (open.get(edge.task) ?? 0) + 1);
    dependants.set(edge.dependsOn, [...(dependants.get(edge.dependsOn) ?? []), edge.task]);
  }
  const free = [...open].filter(([, count]) => count === 0).map(([key]) => key);
  for (let key = free.pop(); key !== undefined; key = free.pop()) {
    open.delete(key);
    for (const next of dependants.get(key) ?? []) {
      const left = (open.get(next) ?? 0) - 1;
      open.set(next, left);
      if (left === 0) free.push(next);
    }
  }
  if (open.size === 0) return [];
  const cycle = traceCycle(edges, new Set(open.keys()));
  const place = locate(phases, cycle[0] ?? '');
  return [{ ...place, message: `tasks wait for each other: ${[...cycle, cycle[0]].join(' → ')}` }];
}

/** Follows unmet dependencies until a task comes up again. */
function traceCycle(edges: readonly Edge[], stuck: ReadonlySet<string>): string[] {
  const next = new Map<string, string>();
  for (const edge of edges)
    if (stuck.has(edge.task) && stuck.has(edge.dependsOn)) next.set(edge.task, edge.dependsOn);
  const path: string[] = [];
  let key = [...stuck][0];
  while (key !== undefined && !path.includes(key)) {
    path.push(key);
    key = next.get(key);
  }
  return key === undefined ? path : path.slice(path.indexOf(key));
}

function locate(phases: readonly GraphPhase[], key: string): { phase: number; task: number } {
  for (const [p, phase] of phases.entries()) {
    const t = phase.tasks.findIndex((task) => task.key === key);
    if (t >= 0) return { phase: p, task: t };
  }
  return { phase: 0, task: 0 };
}
