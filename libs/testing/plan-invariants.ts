import { INTEGRATION_IN_LANE } from '#domain/plan/integration.machine.js';
import { TASK_ACTIVE, TASK_DONE } from '#domain/plan/task.machine.js';
import { one, type ModelState, type ModelTask } from './plan-model.js';

const STARTED = [
  'ready',
  'awaiting_approval',
  'queued',
  'executing',
  'verifying',
  'integrating',
  'completed',
  'satisfied',
  'failed',
];

/** What must hold of a plan's rows after every transaction. @returns every breach as a sentence */
export function breaches(state: ModelState): string[] {
  return [
    ...breachesOfCounters(state),
    ...breachesOfOrder(state),
    ...breachesOfSlots(state),
    ...breachesOfEnd(state),
  ];
}

function breachesOfCounters({ plan, phases, tasks }: ModelState): string[] {
  const found: string[] = [];
  const expect = (what: string, is: number, counted: number) => {
    if (is !== counted) found.push(`${what} is ${is}, counted ${counted}`);
  };
  expect('activeTasks', plan.activeTasks, tasks.filter(({ status }) => TASK_ACTIVE.includes(status)).length);
  expect(
    'openPhases',
    plan.openPhases,
    phases.filter(({ status }) => status !== 'completed' && status !== 'skipped').length,
  );
  for (const phase of phases) {
    const open = tasks.filter((task) => task.phaseId === phase.id && !TASK_DONE.includes(task.status));
    expect(`openTasks of ${phase.id}`, phase.openTasks, open.length);
  }
  for (const task of tasks) {
    const open = task.dependsOn.filter((id) => !TASK_DONE.includes(one(tasks, id).status));
    expect(`openDependencies of ${task.id}`, task.openDependencies, open.length);
  }
  return found;
}

function breachesOfOrder({ phases, tasks }: ModelState): string[] {
  const found: string[] = [];
  for (const task of tasks.filter(({ status }) => STARTED.includes(status))) {
    if (task.openDependencies > 0)
      found.push(`${task.id} is ${task.status} before its dependencies are done`);
    const phase = one(phases, task.phaseId);
    if (phase.status === 'pending')
      found.push(`${task.id} is ${task.status} before the barrier of ${phase.id}`);
  }
  for (const task of tasks) {
    const free = task.openDependencies === 0 && one(phases, task.phaseId).status === 'running';
    if (task.status === 'pending' && free) found.push(`${task.id} waits for nothing and is still pending`);
  }
  for (const phase of phases.filter(({ status }) => status !== 'pending' && status !== 'cancelled')) {
    const before = phases.filter(
      ({ position, status }) => position < phase.position && status !== 'completed',
    );
    if (before.length > 0) found.push(`${phase.id} is ${phase.status} before ${before[0]?.id} is completed`);
  }
  return found;
}

function breachesOfSlots(state: ModelState): string[] {
  const { plan, tasks, attempts, integrations } = state;
  const found: string[] = [];
  if (plan.activeTasks > plan.concurrency)
    found.push(`${plan.activeTasks} of ${plan.concurrency} slots are in use`);
  const inLane = integrations.filter(({ status }) => INTEGRATION_IN_LANE.includes(status));
  if (inLane.length > 1) found.push(`${inLane.length} integrations are in the lane`);
  for (const task of tasks) {
    const open = attempts.filter(
      ({ taskId, status }) => taskId === task.id && ['queued', 'running', 'executed'].includes(status),
    );
    if (open.length > 1) found.push(`${task.id} has ${open.length} open attempts`);
    const wanted = openAttemptOf(task);
    if (wanted !== null && open[0]?.status !== wanted)
      found.push(`${task.id} is ${task.status}, its attempt ${open[0]?.status}`);
    if (wanted === null && open.length > 0) found.push(`${task.id} is ${task.status} with an open attempt`);
  }
  return found;
}

function openAttemptOf(task: ModelTask): string | null {
  if (task.status === 'queued') return 'queued';
  if (task.status === 'executing') return 'running';
  return task.status === 'verifying' ? 'executed' : null;
}

function breachesOfCancelled({ phases, tasks, attempts, runs, integrations }: ModelState): string[] {
  const ended = ['completed', 'satisfied', 'failed', 'cancelled'];
  const isOpen = ({ status }: { readonly status: string }) =>
    ['queued', 'running', 'executed', 'merging', 'verifying', 'verified', 'pushing'].includes(status);
  return [
    ...tasks.filter(({ status }) => !ended.includes(status)),
    ...phases.filter(({ status }) => !ended.includes(status)),
    ...[...attempts, ...runs, ...integrations].filter(isOpen),
  ].map(({ id, status }) => `${id} is ${status} in a cancelled plan`);
}

function breachesOfEnd(state: ModelState): string[] {
  const { plan, tasks, integrations } = state;
  const found: string[] = [];
  const done = tasks.every(({ status }) => TASK_DONE.includes(status));
  // What landed while the plan was cancelled may have been the last of it.
  if (plan.status !== 'cancelled' && done !== (plan.status === 'completed'))
    found.push(`the plan is ${plan.status}, all tasks done: ${done}`);
  if (plan.status === 'paused' && plan.activeTasks > 0) found.push('a paused plan has tasks in flight');
  if (plan.status === 'paused' && plan.pauseReason === null) found.push('a paused plan has no reason');
  if (plan.status === 'cancelled') found.push(...breachesOfCancelled(state));
  for (const task of tasks) {
    const landed = integrations.filter(({ taskId, status }) => taskId === task.id && status === 'landed');
    if (landed.length > 1) found.push(`${task.id} was integrated ${landed.length} times`);
    if (task.commitSha !== null && landed.length === 0)
      found.push(`${task.id} has a commit and was never integrated`);
  }
  return found;
}
