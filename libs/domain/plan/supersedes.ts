/** A task as far as ending contracts goes. */
export interface SupersedingTask {
  readonly key: string;
  readonly number: number;
  readonly supersedes: readonly string[];
  /** Ids of what its spec proves; null: it has no spec. */
  readonly proves: () => readonly string[] | null;
}

export interface SupersedeProblem {
  /** Index of the task, in order of the plan. */
  readonly task: number;
  /** Index into its `supersedes`. */
  readonly at: number;
  readonly message: string;
}

/** Everything by which tasks, in the order of the plan, supersede what there is not, or what comes later. */
export function supersedeProblems(tasks: readonly SupersedingTask[]): SupersedeProblem[] {
  return tasks.flatMap(({ supersedes }, task) =>
    supersedes.flatMap((name, at): SupersedeProblem[] => {
      const message = problemOf(tasks, task, name);
      return message === null ? [] : [{ task, at, message }];
    }),
  );
}

function problemOf(tasks: readonly SupersedingTask[], index: number, name: string): string | null {
  const { task: named, id } = splitContract(name);
  if (id === '') return `"${name}" must name a task and its rule or check, as in users.no-legacy-auth`;
  const found = tasks.findIndex((each) => each === taskNamed(tasks, named));
  const target = tasks[found];
  if (target === undefined) return `"${named}" is neither the key nor the number of a task`;
  if (found >= index)
    return `task "${target.key}" does not come before this one, so nothing of it can be superseded`;
  const proves = target.proves();
  if (proves === null) return `task "${target.key}" has no spec that could be read, so it proves nothing`;
  if (proves.includes(id)) return null;
  return `the spec of task "${target.key}" has no rule or check "${id}"; it has ${proves.slice(0, 10).join(', ')}`;
}

/** A key or number, and the id of a rule or check; keys hold no dot, ids may. */
export function splitContract(name: string): { readonly task: string; readonly id: string } {
  const dot = name.indexOf('.');
  return dot < 0 ? { task: name, id: '' } : { task: name.slice(0, dot), id: name.slice(dot + 1) };
}

/** With the key of the task, whatever named it; as it is where no task has that name. */
export function byKey(
  tasks: readonly { readonly key: string; readonly number: number }[],
  name: string,
): string {
  const { task, id } = splitContract(name);
  const found = taskNamed(tasks, task);
  return found === undefined ? name : `${found.key}.${id}`;
}

/** Of a task whose key is its number's digits, and one with that number, the key counts. */
function taskNamed<T extends { readonly key: string; readonly number: number }>(
  tasks: readonly T[],
  name: string,
): T | undefined {
  const byName = tasks.find(({ key }) => key === name);
  return byName ?? (/^\d+$/.test(name) ? tasks.find(({ number }) => number === Number(name)) : undefined);
}
