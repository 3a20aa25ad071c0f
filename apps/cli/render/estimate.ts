import type { PlanEstimate } from '#contracts/api/estimate.js';
import { usd } from './cost.js';

type Task = PlanEstimate['tasks'][number];

/**
 * What a plan may cost, task by task.
 *
 * @param name of a task, for people
 */
export function renderEstimate({ usd: sum, tasks }: PlanEstimate, name: (task: Task) => string): string[] {
  const paid = tasks.filter(({ basis }) => basis !== 'free');
  if (paid.length === 0) return ['No task calls a model: it costs nothing.'];
  const rest = tasks.length - paid.length;
  return [
    `It may cost ${rangeWords(sum)}, expected ${usd(sum.expected)}:`,
    ...paid.map((task) => `  ${name(task)}  ${taskWords(task)}`),
    ...(rest === 0 ? [] : [`  ${rest} other ${rest === 1 ? 'task calls' : 'tasks call'} no model.`]),
  ];
}

const BASES: { readonly [B in Task['basis']]: string } = {
  free: '',
  done: 'it has ended',
  past: '',
  prompt: 'from the length of its prompt and how long sessions usually are',
  unknown: 'not known: there is no price for its model, see PLANWRIGHT_PRICES',
};

function taskWords({ usd: range, model, basis, pastTasks }: Task): string {
  const why = basis === 'past' ? `from ${pastTasks} such tasks that are done` : BASES[basis];
  const whose = model === null ? '' : ` (${model})`;
  if (range === null || basis === 'done') return `${why}${whose}`;
  return `${rangeWords(range)}, expected ${usd(range.expected)}${whose}, ${why}`;
}

function rangeWords({ low, high }: PlanEstimate['usd']): string {
  return `${usd(low)} to ${usd(high)}`;
}
