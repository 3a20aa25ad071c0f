import { DomainError } from '../../domain-error.js';
import { DecisionBuilder, type Decision } from '../decision.js';
import { PLAN_MOVING } from '../plan.machine.js';
import type { AttemptState, PlanState, TaskState } from '../state.js';
import { settlePause, type TaskSlice } from './settle.js';

/** What an attempt asks, and what it printed until then. */
export interface AskedQuestion {
  readonly id: string;
  readonly question: string;
  readonly output: string;
}

/** The attempt rests until a person answers: it has not failed, and its slot is free for others. */
export function decideAskQuestion(slice: TaskSlice, attempt: AttemptState, asked: AskedQuestion): Decision {
  const { plan, task } = slice;
  const { id, question, output } = asked;
  const builder = new DecisionBuilder(plan);
  builder.moveAttempt(attempt, 'cancelled', 'clear', { message: 'it waits for an answer', output });
  builder.moveTask(task, 'awaiting_answer');
  builder.add({ entity: 'new_question', id, taskId: task.id, attemptId: attempt.id, question });
  builder.event('task.question_asked', {
    task: task.number,
    title: task.title,
    attempt: attempt.number,
    question,
  });
  settlePause(builder);
  return builder.done();
}

/**
 * A person answers: the next attempt goes on where the one that asked stopped.
 *
 * @throws DomainError `conflict` naming the state
 */
export function decideAnswer(plan: PlanState, task: TaskState, answer: string): Decision {
  const name = `${plan.number}.${task.number}`;
  if (!PLAN_MOVING.includes(plan.status)) {
    throw new DomainError('conflict', `Plan ${plan.number} is ${plan.status}; nothing in it asks any more.`);
  }
  if (task.status !== 'awaiting_answer') {
    throw new DomainError('conflict', `Task ${name} is ${task.status}; it does not wait for an answer.`);
  }
  return new DecisionBuilder(plan)
    .moveTask(task, 'ready')
    .add({ entity: 'answer_question', taskId: task.id, answer })
    .event('task.question_answered', { task: task.number, title: task.title, answer })
    .done();
}
