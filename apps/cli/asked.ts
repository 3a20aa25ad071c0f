import type { PlanView } from '#contracts/api/plans.js';
import type { ApiClient } from './api/client.js';

/** Something that a person is asked, and how they agree. */
export interface Asked {
  /** No other question of the plan has it, and the same one about another diff has another. */
  readonly key: string;
  readonly question: string;
  readonly approve: (client: ApiClient) => Promise<unknown>;
}

/** What a plan asks a person to agree to, in its order. */
export function askedBy(plan: PlanView): Asked[] {
  return plan.phases.flatMap((phase) => [
    ...phase.tasks.flatMap((task): Asked[] => {
      const name = `${plan.number}.${task.number}`;
      if (task.status === 'awaiting_approval') {
        const question = `Let task ${name} "${task.title}" start?`;
        return [{ key: name, question, approve: (client) => client.decide(name, 'approve') }];
      }
      if (task.status !== 'awaiting_review' || task.review === null) return [];
      const { patchId } = task.review;
      const question = `Let the diff of task ${name} "${task.title}" onto the branch? (planwright diff ${name} shows it)`;
      const approve = (client: ApiClient) => client.decide(name, 'approve', { patchId });
      return [{ key: `${name} ${patchId}`, question, approve }];
    }),
    ...(phase.status === 'awaiting_approval'
      ? [
          {
            key: phase.id,
            question: `Phase "${phase.name}" has ended. Let the plan go on?`,
            approve: (client: ApiClient) => client.answerPhase(phase.id, 'approve'),
          },
        ]
      : []),
  ]);
}
