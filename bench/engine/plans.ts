import type { Shape } from './shape.js';

/** The texts of the plan files that are measured. One flow mapping each: a plan file may have 1 MB. */

/** A task that is carried out by a worker on the whole durable path and has nothing to run. */
const NO_OP = 'effect: none,executor: {milestone: {}}';

const keyOf = (task: number) => `t${task.toString(36)}`;

/** The shape, of tasks with nothing to run. */
export function noOpPlan(shape: Shape, concurrency: number): string {
  const tasks = shape.tasks.map((dependencies, task) => {
    const waits = dependencies.length === 0 ? '' : `,dependsOn: [${dependencies.map(keyOf).join(',')}]`;
    return `{key: ${keyOf(task)},title: t,${NO_OP}${waits}}`;
  });
  return planOf(`Bench ${shape.name}`, 'parallel', tasks, concurrency);
}

/** So many `true`, in a row or side by side, as tasks that change nothing. */
export function truePlan(mode: 'sequential' | 'parallel', count: number): string {
  const tasks = Array.from(
    { length: count },
    (_, task) => `{key: ${keyOf(task)},title: t,effect: none,executor: {command: 'true'}}`,
  );
  return planOf(`Bench true ${mode}`, mode, tasks);
}

/** The line that a task of `editPlan` runs. */
export const editCommand = (task: number) =>
  `mkdir -p done && echo 'export const done${task} = true;' > done/task-${task}.ts`;

/** The command that its spec checks. */
export const editCheck = (task: number) => `grep -q done${task} done/task-${task}.ts`;

/** Tasks that write one file each, which their spec asks for by a rule and a check. */
export function editPlan(mode: 'sequential' | 'parallel', count: number): string {
  const tasks = Array.from({ length: count }, (_, task) =>
    JSON.stringify({
      key: keyOf(task),
      title: `Write file ${task}`,
      executor: { command: editCommand(task) },
      spec: {
        spec: 1,
        name: `File ${task} is there`,
        rules: [{ id: 'name', require: { identifiers: [`done${task}`] } }],
        checks: [{ id: 'file', run: editCheck(task) }],
      },
    }),
  );
  return planOf(`Bench edits ${mode}`, mode, tasks);
}

/** One task that is at work for so many seconds. */
export function sleepPlan(seconds: number): string {
  return planOf('Bench sleep', 'sequential', [`{title: t,executor: {command: 'sleep ${seconds}'}}`]);
}

function planOf(name: string, mode: string, tasks: readonly string[], concurrency?: number): string {
  const window = concurrency === undefined ? '' : `concurrency: ${concurrency},`;
  return `{name: ${name},${window}phases: [{name: Only,mode: ${mode},tasks: [\n${tasks.join(',\n')}\n]}]}\n`;
}
