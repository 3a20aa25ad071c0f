import { quantileOf } from '../record.js';

/** Tasks that do nothing and wait for each other: the same for Planwright and for whatever it is compared with. */
export interface Shape {
  readonly name: string;
  /** What is told of a run: time from one completion to the next, or tasks in a second. */
  readonly measure: 'step' | 'rate';
  /** For each task the tasks, by their index and all before it, that it waits for. */
  readonly tasks: readonly (readonly number[])[];
}

/** Each task waits for the one before. */
export function chain(count: number): Shape {
  const tasks = Array.from({ length: count }, (_, index) => (index === 0 ? [] : [index - 1]));
  return { name: 'chain', measure: 'step', tasks };
}

/** No task waits for another. */
export function fanOut(count: number): Shape {
  return { name: `fan-out-${count}`, measure: 'rate', tasks: Array.from({ length: count }, () => []) };
}

/** Each task waits for so many neighbours in the layer before. */
export function layers(count: number, width: number, dependencies: number): Shape {
  const tasks = Array.from({ length: count * width }, (_, index) => {
    if (index < width) return [];
    const below = index - (index % width) - width;
    return Array.from({ length: dependencies }, (_, offset) => below + ((index + offset) % width));
  });
  return { name: 'layers', measure: 'rate', tasks };
}

/** For each task the tasks that wait for it. */
export function dependantsOf({ tasks }: Shape): readonly (readonly number[])[] {
  const dependants: number[][] = tasks.map(() => []);
  tasks.forEach((dependencies, task) => {
    for (const dependency of dependencies) dependants[dependency]?.push(task);
  });
  return dependants;
}

/** When a run began, and when each of its tasks was durably completed, in ms by one clock. */
export interface Run {
  readonly startedAt: number;
  readonly completedAt: readonly number[];
}

/** The run as one number: the median ms from a completion to the next, or tasks in a second. */
export function measureOf({ measure }: Shape, { startedAt, completedAt }: Run): number {
  const inOrder = [...completedAt].sort((a, b) => a - b);
  const end = inOrder.at(-1) ?? Number.NaN;
  if (measure === 'rate') return inOrder.length / ((end - startedAt) / 1000);
  const steps = inOrder.slice(1).map((at, index) => at - (inOrder[index] ?? Number.NaN));
  return steps.every(Number.isInteger) ? medianOfWhole(steps) : quantileOf(steps, 0.5);
}

/** The database tells times in whole ms: the median is where the half of the steps is reached within its millisecond. */
function medianOfWhole(steps: readonly number[]): number {
  const middle = quantileOf(steps, 0.5);
  const below = steps.filter((step) => step < middle).length;
  const equal = steps.filter((step) => step === middle).length;
  return middle - 0.5 + (steps.length / 2 - below) / equal;
}
