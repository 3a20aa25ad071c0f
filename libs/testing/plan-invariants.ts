import { INTEGRATION_IN_LANE, INTEGRATION_MACHINE } from '#domain/plan/integration.machine.js';
import { isFinal } from '#domain/plan/machine.js';
import { PLAN_MOVING } from '#domain/plan/plan.machine.js';
import { TASK_ACTIVE, TASK_ENDED } from '#domain/plan/task.machine.js';
import { RUN_MACHINE } from '#domain/plan/verification-run.machine.js';
import { satisfies } from './model-dependants.js';
import { one, type ModelState, type ModelTask } from './plan-model.js';

const STARTED = [
  'ready',
  'awaiting_approval',
  'waiting',
  'claimed',
  'queued',
  'executing',
  'verifying',
  'awaiting_review',
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
    ...breachesOfBlocks(state),
    ...breachesOfSlots(state),
    ...breachesOfReviews(state),
    ...breachesOfEpoch(state),
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
    const open = tasks.filter((task) => task.phaseId === phase.id && !TASK_ENDED.includes(task.status));
    expect(`openTasks of ${phase.id}`, phase.openTasks, open.length);
  }
  for (const task of tasks) {
    const open = task.dependsOn.filter((id) => !satisfies(one(tasks, id)));
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
  const notBegun = ['pending', 'cancelled', 'skipped'];
  for (const phase of phases.filter(({ status }) => !notBegun.includes(status))) {
    const before = phases.filter(
      ({ position, status }) => position < phase.position && status !== 'completed' && status !== 'skipped',
    );
    if (before.length > 0) found.push(`${phase.id} is ${phase.status} before ${before[0]?.id} is completed`);
  }
  return found;
}

/** Blocked is exactly what cannot start because work that it needs was skipped. */
function breachesOfBlocks({ plan, phases, tasks }: ModelState): string[] {
  const found: string[] = [];
  for (const task of tasks) {
    const lacks = task.dependsOn
      .map((id) => one(tasks, id))
      .some((other) => other.status === 'blocked' || (other.status === 'skipped' && !satisfies(other)));
    if (task.status === 'blocked' && !lacks) found.push(`${task.id} is blocked by nothing`);
    const waits = ['pending', 'ready', 'awaiting_approval'].includes(task.status);
    if (waits && lacks) found.push(`${task.id} is ${task.status}, and what it needs was skipped`);
  }
  for (const phase of phases.filter(({ status }) => status === 'running' && plan.status === 'running')) {
    const open = tasks.filter(({ phaseId, status }) => phaseId === phase.id && !TASK_ENDED.includes(status));
    if (open.every(({ status }) => status === 'blocked')) found.push(`${phase.id} runs and can never end`);
  }
  return found;
}

/** A person is asked about exactly the diffs that wait for them. */
function breachesOfReviews({ tasks, attempts, integrations }: ModelState): string[] {
  const found: string[] = [];
  for (const task of tasks) {
    const attempt = attempts.filter(({ taskId }) => taskId === task.id).at(-1);
    const asking = integrations.filter(
      ({ taskId, status }) => taskId === task.id && status === 'awaiting_review',
    );
    if (task.status !== 'awaiting_review') {
      if (asking.length > 0)
        found.push(`an integration of ${task.id} awaits a review, and the task is ${task.status}`);
      continue;
    }
    const isShown = attempt?.status === 'passed' && attempt.patchId !== null;
    if (!isShown) found.push(`${task.id} awaits a review of nothing`);
    if (asking.some(({ patchId }) => patchId === null || patchId === task.approvedPatch))
      found.push(`${task.id} awaits a review of what was approved`);
  }
  return found;
}

/** Nothing that is under way in a moving plan belongs to an old epoch: it would be nobody's. */
function breachesOfEpoch({ plan, attempts, runs, integrations }: ModelState): string[] {
  if (!PLAN_MOVING.includes(plan.status)) return [];
  const open = [
    ...attempts.filter(({ status }) => ['queued', 'running', 'executed'].includes(status)),
    ...runs.filter(({ status }) => !isFinal(RUN_MACHINE, status)),
    ...integrations.filter(({ status }) => !isFinal(INTEGRATION_MACHINE, status)),
  ];
  return open
    .filter(({ epoch }) => epoch !== plan.epoch)
    .map(({ id, status, epoch }) => `${id} is ${status} in epoch ${epoch}, the plan's is ${plan.epoch}`);
}

function breachesOfSlots(state: ModelState): string[] {
  const { plan, tasks, attempts, integrations } = state;
  const found: string[] = [];
  // What people hand in or let onto the branch does not wait for a slot.
  const dispatched = tasks.filter(({ status }) => status === 'queued' || status === 'executing').length;
  if (dispatched > plan.concurrency) found.push(`${dispatched} of ${plan.concurrency} slots are given away`);
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
  if (task.status === 'executing' || task.status === 'claimed') return 'running';
  return task.status === 'verifying' ? 'executed' : null;
}

function breachesOfCancelled({ phases, tasks, attempts, runs, integrations }: ModelState): string[] {
  const ended = ['completed', 'satisfied', 'failed', 'skipped', 'cancelled'];
  const isOpen = ({ status }: { readonly status: string }) =>
    [
      'queued',
      'running',
      'executed',
      'merging',
      'verifying',
      'verified',
      'pushing',
      'awaiting_review',
    ].includes(status);
  return [
    ...tasks.filter(({ status }) => !ended.includes(status)),
    ...phases.filter(({ status }) => !ended.includes(status)),
    ...[...attempts, ...runs, ...integrations].filter(isOpen),
  ].map(({ id, status }) => `${id} is ${status} in a cancelled plan`);
}

function breachesOfEnd(state: ModelState): string[] {
  const { plan, phases, tasks, integrations } = state;
  const found: string[] = [];
  if (plan.status === 'completed' && !tasks.every(({ status }) => TASK_ENDED.includes(status)))
    found.push('the plan is completed with an open task');
  // What landed while the plan was cancelled may have been the last of it.
  const done = phases.every(({ status }) => status === 'completed' || status === 'skipped');
  if (plan.status !== 'cancelled' && done !== (plan.status === 'completed'))
    found.push(`the plan is ${plan.status}, all phases done: ${done}`);
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
