import type { PhaseView, TaskView } from '#contracts/api/plans.js';

const RESULT_WIDTH = 60;
const QUESTION_WIDTH = 100;

/** How a task stands, in words for a person; what is absent is said by its status. */
export function taskWords(task: TaskView, phase: PhaseView): string {
  switch (task.status) {
    case 'ready':
      return task.executorKind === 'external'
        ? `waits for ${task.assignedTo ?? 'somebody'} to claim it`
        : 'ready';
    case 'awaiting_approval':
      return 'waits for your approval';
    case 'awaiting_review':
      return `waits for your review ${task.review?.commit.slice(0, 8) ?? ''}`.trimEnd();
    case 'awaiting_answer':
      return `asks: ${oneLine(task.question?.text ?? '')}`;
    case 'waiting':
      return waitWords(task);
    case 'claimed':
      return `in the hands of ${task.claimedBy ?? 'somebody'}${task.claimedUntil === null ? '' : ` until ${task.claimedUntil}`}`;
    case 'executing':
      return 'running';
    case 'blocked':
      return `blocked by ${blockersOf(task, phase).join(', ')}`;
    case 'satisfied':
      return 'already done';
    case 'completed':
      return task.effect === 'none'
        ? `done${resultWords(task)}`
        : task.verified === true
          ? 'verified'
          : 'unverified';
    default:
      return task.status.replaceAll('_', ' ');
  }
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > QUESTION_WIDTH ? `${line.slice(0, QUESTION_WIDTH - 1)}…` : line;
}

function waitWords({ waitsUntil, waitsFor }: TaskView): string {
  const until = waitsUntil === null ? '' : `until ${localTime(waitsUntil)}`;
  if (waitsFor === null) return `waits ${until}`.trimEnd();
  return `waits for the event ${waitsFor}${until === '' ? '' : `, ${until}`}`;
}

/** A time of today is a time of day. */
function localTime(iso: string): string {
  const at = new Date(iso);
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday ? at.toLocaleTimeString() : at.toLocaleString();
}

/** Tasks that were left out, or blocked themselves. The order of a sequential phase is a dependency too. */
function blockersOf(task: TaskView, phase: PhaseView): string[] {
  const before = phase.mode === 'sequential' ? phase.tasks[phase.tasks.indexOf(task) - 1]?.number : undefined;
  const needed = [...task.dependsOn, ...(before === undefined ? [] : [before])];
  const here = phase.tasks.filter(
    ({ number, status }) => needed.includes(number) && (status === 'skipped' || status === 'blocked'),
  );
  return here.length === 0 ? ['a skipped task'] : here.map(({ number }) => `task ${number}`);
}

function resultWords(task: TaskView): string {
  const result = task.attempts.at(-1)?.result ?? null;
  if (result === null) return '';
  const text = JSON.stringify(result);
  return `  ${text.length > RESULT_WIDTH ? `${text.slice(0, RESULT_WIDTH - 1)}…` : text}`;
}
