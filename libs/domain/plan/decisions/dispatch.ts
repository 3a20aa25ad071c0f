import { DecisionBuilder, type Decision } from '../decision.js';
import { pickTasks } from '../schedule.js';
import type { PhaseState, PlanState, TaskState } from '../state.js';

export interface DispatchState {
  readonly plan: PlanState;
  /** Ready tasks whose time has come, in order of phase and number; at least as many as there are free slots. */
  readonly ready: readonly { readonly task: TaskState; readonly phase: PhaseState }[];
  readonly activeScopes: readonly (readonly string[])[];
  /** The running phase, when it has open tasks and all of them are blocked. */
  readonly stuckPhase: PhaseState | null;
}

/** Gives the plan's free slots to ready tasks. In a manual phase, a task asks for its approval instead. */
export function decideDispatch(state: DispatchState, newId: () => string): Decision {
  const builder = new DecisionBuilder(state.plan);
  if (state.plan.status !== 'running') return builder.done();
  const mayRun = state.ready.filter(({ task, phase }) => !asksFirst(task, phase));
  for (const { task, phase } of state.ready) {
    if (!asksFirst(task, phase)) continue;
    builder
      .moveTask(task, 'awaiting_approval')
      .event('task.awaiting_approval', { task: task.number, title: task.title });
  }
  const window = { slots: state.plan.concurrency - state.plan.activeTasks, activeScopes: state.activeScopes };
  for (const task of pickTasks(
    mayRun.map((entry) => entry.task),
    window,
  )) {
    const id = newId();
    const number = task.attemptCount + 1;
    builder.moveTask(task, 'queued', { attemptCount: number });
    builder.add({ entity: 'new_attempt', id, taskId: task.id, number });
    builder.deliver('execute', id, 1);
  }
  return builder.done();
}

function asksFirst(task: TaskState, phase: PhaseState): boolean {
  return phase.approval === 'before_task' && task.approvedAt === null;
}
