import type { CommitMessage } from '../ports/git.port.js';

/** In whose name everything is committed. */
export const AUTHOR = { name: 'Planwright', email: 'planwright@localhost' };

/** The message of a task's commit. The trailers are for people; nothing is ever decided by them. */
export function taskCommitMessage(input: {
  readonly planNumber: number;
  readonly planName: string;
  readonly taskNumber: number;
  readonly title: string;
  readonly attempt: number;
  readonly at: Date;
}): CommitMessage {
  const { planNumber, planName, taskNumber, title, attempt, at } = input;
  const trailers = [
    `Planwright-Plan: ${planNumber} ${planName}`,
    `Planwright-Task: ${planNumber}.${taskNumber}`,
    `Planwright-Attempt: ${attempt}`,
  ];
  return {
    subject: title.replace(/\s+/g, ' ').trim(),
    body: trailers.map((line) => line.replace(/\s+/g, ' ')).join('\n'),
    author: AUTHOR,
    timestamp: Math.floor(at.getTime() / 1000),
  };
}
