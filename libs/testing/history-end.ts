import { ATTEMPT_ENDED } from '#domain/plan/attempt.machine.js';
import { INTEGRATION_MACHINE } from '#domain/plan/integration.machine.js';
import { isFinal } from '#domain/plan/machine.js';
import { TASK_ENDED } from '#domain/plan/task.machine.js';
import { RUN_MACHINE } from '#domain/plan/verification-run.machine.js';
import type { ModelState } from './plan-model.js';

interface EndedEvent {
  readonly seq: number;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Which event each status of a task that has ended comes with. */
const END_EVENTS: Readonly<Record<string, string>> = {
  completed: 'task.completed',
  satisfied: 'task.satisfied',
  skipped: 'task.skipped',
};

/**
 * Whether the rows of a plan that has ended are all at rest, and agree with its events.
 *
 * @returns what is wrong, as sentences
 */
export function faultsOfEnd(state: ModelState, events: readonly EndedEvent[]): string[] {
  return [...open(state), ...statuses(state, events), ...starts(state, events)];
}

function open({ plan, tasks, attempts, runs, integrations }: ModelState): string[] {
  const found: string[] = [];
  const leased = [...attempts, ...runs, ...integrations].filter(({ lease }) => lease !== 'none');
  for (const { id, status } of leased) found.push(`${id} is ${status} and still has a lease`);
  for (const { number, status } of tasks)
    if (!TASK_ENDED.includes(status) && status !== 'cancelled' && plan.status !== 'cancelled')
      found.push(`task ${number} is ${status}`);
  for (const { id, status } of attempts)
    if (status !== 'passed' && !ATTEMPT_ENDED.includes(status)) found.push(`attempt ${id} is ${status}`);
  for (const { id, status } of runs) if (!isFinal(RUN_MACHINE, status)) found.push(`run ${id} is ${status}`);
  for (const { id, status } of integrations)
    if (!isFinal(INTEGRATION_MACHINE, status)) found.push(`integration ${id} is ${status}`);
  return found;
}

function statuses({ plan, tasks }: ModelState, events: readonly EndedEvent[]): string[] {
  const found: string[] = [];
  const last = events.filter(({ type }) => type.startsWith('plan.') && type !== 'plan.signalled').at(-1);
  if (last?.type !== `plan.${plan.status}`)
    found.push(`the plan is ${plan.status}, its last event is ${last?.type}`);
  for (const { number, status, commitSha } of tasks) {
    const of = (type: string) =>
      events.filter((event) => event.type === type && event.payload['task'] === number);
    for (const [ended, type] of Object.entries(END_EVENTS)) {
      const times = of(type).length;
      const right = status === ended ? times === 1 || (ended === 'skipped' && times === 2) : times === 0;
      if (!right) found.push(`task ${number} is ${status} and has ${times} events ${type}`);
    }
    const integrated = of('task.integrated').map(({ payload }) => payload['commit']);
    if (commitSha === null ? integrated.length > 0 : integrated.join() !== commitSha)
      found.push(`task ${number} has commit ${commitSha}, its events integrated ${integrated.join()}`);
  }
  return found;
}

function starts({ tasks, attempts }: ModelState, events: readonly EndedEvent[]): string[] {
  const started = events
    .filter(({ type }) => type === 'attempt.started')
    .map(({ payload }) => `${String(payload['task'])}.${String(payload['attempt'])}`);
  const twice = started.filter((name, at) => started.indexOf(name) !== at);
  const known = new Set(
    attempts.map(({ taskId, number }) => `${tasks.find(({ id }) => id === taskId)?.number}.${number}`),
  );
  return [
    ...twice.map((name) => `attempt ${name} started twice`),
    ...started.filter((name) => !known.has(name)).map((name) => `attempt ${name} started and has no row`),
  ];
}
