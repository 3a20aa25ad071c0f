import type { NoticeEvent } from '#domain/plan/notices.js';
import type { Notice, NoticeFacts, NoticeTask } from '../ports/notice.port.js';

/** Puts together what a person is told. */
export function composeNotice(
  id: string,
  event: NoticeEvent,
  payload: Readonly<Record<string, unknown>>,
  facts: NoticeFacts,
): Notice {
  const { plan, repository } = facts;
  const tasks = facts.tasks.map((task) => ({ task: `${plan.number}.${task.number}`, ...task }));
  return {
    id,
    event,
    payload,
    plan,
    repository: { ...repository, origin: withoutCredentials(repository.origin) },
    tasks,
    phases: facts.phases,
    commands: [`planwright show ${plan.number}`, ...commandsAfter(facts, tasks)],
  };
}

function commandsAfter(facts: NoticeFacts, tasks: Notice['tasks']): string[] {
  const { number, status } = facts.plan;
  if (status === 'ready') return [`planwright execute ${number}`];
  if (status === 'draft') return [`planwright generate --again ${number}`];
  return hasEnded(facts.plan) ? [] : stepsOf(facts, tasks);
}

/** Nothing in it can be moved on any more. */
function hasEnded({ status }: NoticeFacts['plan']): boolean {
  return !['running', 'pausing', 'paused'].includes(status);
}

function stepsOf(facts: NoticeFacts, tasks: Notice['tasks']): string[] {
  const { number } = facts.plan;
  return [
    ...facts.phases.map(({ position }) => `planwright approve-phase ${number} --phase ${position}`),
    ...tasks.flatMap(commandsOf),
    ...resumeOf(facts),
  ];
}

function commandsOf({ task, status }: NoticeTask & { readonly task: string }): string[] {
  if (status === 'failed') return [`planwright retry ${task}`];
  const answers = [`planwright approve ${task}`, `planwright reject ${task} --note …`];
  if (status === 'awaiting_approval') return answers;
  if (status === 'awaiting_answer') return [`planwright answer ${task} …`];
  if (status === 'awaiting_review') return [`planwright diff ${task}`, ...answers];
  if (status === 'ready') return [`planwright claim ${task}`];
  return [];
}

/** A failed task is tried again instead: that resumes its plan. */
function resumeOf({ plan, tasks }: NoticeFacts): string[] {
  const failed = tasks.some(({ status }) => status === 'failed');
  return plan.status === 'paused' && !failed ? [`planwright resume ${plan.number}`] : [];
}

function withoutCredentials(origin: string): string {
  return origin.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}
