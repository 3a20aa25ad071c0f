import { DomainError } from '../../domain-error.js';
import type { Rewind, RewindTask } from '../../snapshot/rewind-plan.js';
import type { RewoundPayload } from '../../snapshot/standing.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import type { TaskSet } from '../change.js';
import type { PlanStatus } from '../plan.machine.js';
import type { PlanState } from '../state.js';
import type { TaskStatus } from '../task.machine.js';
import type { OpenWork } from './cancel-plan.js';
import { rouse } from './settle.js';

const MESSAGE = 'the plan was rewound';
const FROM: readonly PlanStatus[] = ['paused', 'completed', 'failed'];

/** @throws DomainError `conflict` naming the state */
export function requireRewindable(plan: PlanState): void {
  if (FROM.includes(plan.status)) return;
  throw new DomainError(
    'conflict',
    `Plan ${plan.number} is ${plan.status}; only a plan that is paused, completed or failed can be rewound.`,
    plan.status === 'running' || plan.status === 'pausing' ? { remedy: 'Pause it first.' } : {},
  );
}

/**
 * A person takes a plan back. From here on its epoch is another one; what of the rows has to change is decided by
 * `decideRewound`, once the branch has moved.
 *
 * @throws DomainError `conflict` naming the state
 */
export function decideRewinding(
  plan: PlanState,
  rewind: Rewind,
  keepIndependent: boolean,
  id: string,
): Decision {
  requireRewindable(plan);
  const { target, from } = rewind;
  const lineage = plan.epoch;
  return new DecisionBuilder(plan)
    .movePlan('rewinding', { epoch: lineage + 1, pauseReason: null, pauseNote: null })
    .add({
      entity: 'new_rewind',
      id,
      lineage,
      target: target.name,
      from,
      to: target.commit,
      toSeq: target.seq,
      keepIndependent,
    })
    .event('plan.rewinding', { target: target.name, from, to: target.commit, lineage })
    .done();
}

/** A rewind that is under way. */
export interface OpenRewind {
  readonly id: string;
  readonly lineage: number;
  readonly target: string;
  readonly from: string;
  readonly to: string;
  readonly toSeq: number;
  readonly keepIndependent: boolean;
  /** Who asked for it. */
  readonly actorId: string;
}

/** A commit that left the branch, on the tip that is there now. */
export interface KeptCandidate {
  readonly taskId: string;
  readonly attemptId: string;
  readonly runId: string;
  readonly commit: string;
}

/**
 * The branch is where it is to be: the rows follow. What does not merge with the new tip is not kept: its task begins
 * again, as the others.
 *
 * @param candidates of tasks that the rewind keeps
 */
export function decideRewound(
  state: {
    readonly plan: PlanState;
    readonly open: OpenWork;
    readonly rewind: Rewind;
    readonly asked: OpenRewind;
  },
  candidates: readonly KeptCandidate[],
  iterationId: string,
): Decision {
  const { plan, open, rewind, asked } = state;
  const builder = new DecisionBuilder(plan, { endsOldEpoch: true });
  endOpenWork(builder, open);
  const kept = rewind.kept.filter(({ task }) => candidates.some(({ taskId }) => taskId === task.id));
  const begun = rewind.kept.flatMap(({ task }) => (kept.some((each) => each.task === task) ? [] : [task]));
  const reset = [...rewind.reset, ...begun];
  for (const task of reset) beginAgain(builder, task);
  for (const { task, done } of rewind.restored) {
    toPending(builder, task);
    const { commit: commitSha, verified } = done;
    builder.moveTask({ ...task, status: 'pending' }, done.to, { commitSha, verified });
  }
  for (const { phase, to } of rewind.phases) builder.movePhase(phase, to);
  for (const { task } of kept) keep(builder, task, rewind, candidates);
  if (rewind.target.commit !== plan.tipCommit) builder.moveTip(rewind.target.commit);
  builder
    .add({ entity: 'recount' })
    .add({ entity: 'end_rewind', id: asked.id, status: 'done', message: null });
  const payload = rewoundPayload(
    rewind,
    asked,
    reset,
    kept.map(({ task }) => task),
  );
  const summary = `Rewound to ${asked.target}`;
  builder.add({ entity: 'new_iteration', id: iterationId, kind: 'rewind', summary, changes: [payload] });
  builder.movePlan('paused', { pauseReason: 'user', pauseNote: `${summary}; resume to go on from there.` });
  builder.event('plan.rewound', payload);
  if (kept.length === 0) builder.event('plan.paused');
  else rouse(builder, { ...plan, pauseReason: 'user' });
  return builder.publish().done();
}

/** The branch in the hub is neither where the plan left it nor where it was to go: nothing has changed. */
export function decideRewindRefused(plan: PlanState, asked: OpenRewind, reason: string): Decision {
  const note = `It could not be rewound to ${asked.target}: ${reason}`;
  return new DecisionBuilder(plan)
    .movePlan('paused', { pauseReason: 'user', pauseNote: note })
    .add({ entity: 'end_rewind', id: asked.id, status: 'refused', message: reason })
    .event('plan.rewind_refused', { target: asked.target, reason })
    .event('plan.paused')
    .done();
}

function endOpenWork(builder: DecisionBuilder, open: OpenWork): void {
  for (const run of open.runs) builder.moveRun(run, 'cancelled', 'clear');
  for (const integration of open.integrations)
    builder.moveIntegration(integration, 'cancelled', 'clear', { message: MESSAGE });
  for (const attempt of open.attempts)
    builder.moveAttempt(attempt, 'cancelled', 'clear', { failure: 'cancelled', message: MESSAGE });
}

/** Attempts so far are history, and people are asked again. */
function beginAgain(builder: DecisionBuilder, task: RewindTask): void {
  toPending(builder, task, {
    commitSha: null,
    verified: null,
    retryBase: task.attemptCount,
    approvedBy: null,
    approvedPatch: null,
  });
}

const BY_WAY_OF_READY: readonly TaskStatus[] = ['claimed', 'awaiting_review', 'awaiting_answer'];

function toPending(builder: DecisionBuilder, task: RewindTask, set: TaskSet = {}): void {
  if (task.status === 'pending') return;
  const isHeld = BY_WAY_OF_READY.includes(task.status);
  if (isHeld) builder.moveTask(task, 'ready');
  builder.moveTask(isHeld ? { ...task, status: 'ready' } : task, 'pending', set);
}

/** As if it had been handed in on the new tip: it is verified and integrated like any other. */
function keep(
  builder: DecisionBuilder,
  task: RewindTask,
  { target }: Rewind,
  candidates: readonly KeptCandidate[],
): void {
  const candidate = candidates.find(({ taskId }) => taskId === task.id);
  if (candidate === undefined) return;
  const { attemptId, runId, commit } = candidate;
  const number = task.attemptCount + 1;
  beginAgain(builder, task);
  builder.moveTask({ ...task, status: 'pending' }, 'ready');
  builder.moveTask({ ...task, status: 'ready' }, 'verifying', { attemptCount: number });
  const baseCommit = target.commit;
  const attempt = { id: attemptId, taskId: task.id, number, baseCommit, candidateCommit: commit };
  builder.add({ entity: 'new_attempt', ...attempt, status: 'executed' });
  builder.add({
    entity: 'new_run',
    id: runId,
    taskId: task.id,
    attemptId,
    integrationId: null,
    commit,
    baseCommit,
  });
  builder.event('task.kept', { task: task.number, title: task.title, attempt: number, commit });
  builder.deliver('verify', runId, 1);
}

function rewoundPayload(
  rewind: Rewind,
  { target, lineage, toSeq }: OpenRewind,
  reset: readonly RewindTask[],
  kept: readonly RewindTask[],
): RewoundPayload & Readonly<Record<string, unknown>> {
  const { from, target: aim, dropped, regained, restored, phases } = rewind;
  return {
    target,
    lineage,
    from,
    to: aim.commit,
    at: toSeq,
    dropped: dropped.map(({ commit }) => commit),
    regained: regained.map(({ commit }) => commit),
    reset: [...reset, ...kept].map(({ number }) => number).sort((a, b) => a - b),
    restored: restored.map(({ done }) => ({
      task: done.task,
      to: done.to,
      commit: done.commit,
      verified: done.verified,
    })),
    kept: kept.map(({ number }) => number),
    phases: phases.map(({ phase, to }) => ({ phase: phase.position, name: phase.name, status: to })),
  };
}
