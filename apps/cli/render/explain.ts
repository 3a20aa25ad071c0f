import type { TaskVerdict } from '#contracts/api/judgements.js';
import type { PhaseView, PlanView, TaskView } from '#contracts/api/plans.js';
import { taskSteps } from './next-steps.js';
import type { Colours } from './plan-tree.js';
import { taskWords } from './task-words.js';
import { renderVerdict } from './verdict.js';

/** Why a task is where it is: its state, what it waits for, its last verdict in full, and what moves it on. */
export function renderExplanation(
  plan: PlanView,
  number: number,
  last: TaskVerdict | null,
  colours: Colours,
): string[] {
  const phase = plan.phases.find(({ tasks }) => tasks.some((task) => task.number === number));
  const task = phase?.tasks.find((each) => each.number === number);
  if (phase === undefined || task === undefined) throw new Error(`plan ${plan.number} has no task ${number}`);
  return [
    `${colours.bold(`Task ${plan.number}.${number}`)}  ${task.title}  ${taskWords(task, phase)}`,
    ...reasons(plan, phase, task).map((reason) => `  ${reason}`),
    ...(last === null ? ['No verdict yet.'] : renderLast(last, colours)),
    ...stepsOf(plan, task, last).map((step, index) => `${index === 0 ? 'Next: ' : '      '}${step}`),
  ];
}

function renderLast(last: TaskVerdict, colours: Colours): string[] {
  const { attempt, commit, rebased, verdict, unverified } = last;
  const where = rebased ? ', as it was to land' : '';
  return [
    `Last verdict: attempt ${attempt}, commit ${commit.slice(0, 12)}${where}`,
    ...renderVerdict(verdict, { verbose: true, unverified, colours }),
  ];
}

const OPEN: readonly TaskView['status'][] = [
  'pending',
  'ready',
  'awaiting_approval',
  'awaiting_answer',
  'waiting',
  'claimed',
];

/** What keeps it where it is, each in a sentence. */
function reasons(plan: PlanView, phase: PhaseView, task: TaskView): string[] {
  const all = new Map(plan.phases.flatMap((each) => each.tasks).map((each) => [each.number, each]));
  const before = phase.mode === 'sequential' ? phase.tasks[phase.tasks.indexOf(task) - 1]?.number : undefined;
  const needed = [...new Set([...task.dependsOn, ...(before === undefined ? [] : [before])])];
  const missing = needed.flatMap((number) => {
    const other = all.get(number);
    const done = other?.status === 'completed' || other?.status === 'satisfied';
    return other === undefined || done ? [] : [`${plan.number}.${number} (${other.status})`];
  });
  const last = task.attempts.at(-1);
  const ended = task.status === 'completed' || task.status === 'satisfied' || task.status === 'cancelled';
  return [
    ...(plan.status === 'running' || ended ? [] : [`The plan is ${plan.status}.`]),
    ...(plan.status === 'paused' && plan.pauseNote !== null ? [plan.pauseNote] : []),
    ...(phase.status === 'pending' ? [`Its phase "${phase.name}" has not begun.`] : []),
    ...(missing.length > 0 && task.status === 'pending' ? [`It waits for ${missing.join(', ')}.`] : []),
    ...(task.status === 'awaiting_answer' && task.question !== null
      ? [`Attempt ${task.question.attempt} asks: ${task.question.text}`]
      : []),
    ...(task.specOnBase === 'green' && OPEN.includes(task.status)
      ? ["Its spec is green on the plan's base already: it would prove nothing."]
      : []),
    ...(last === undefined || last.failure === null
      ? []
      : [`Attempt ${last.number} ended with ${last.failure.replaceAll('_', ' ')}: ${last.message ?? ''}`]),
    ...(task.note === null ? [] : [`Note: ${task.note}`]),
  ];
}

/** A spec that turned a candidate down may be the one to change: it is then judged again. */
function stepsOf(plan: PlanView, task: TaskView, last: TaskVerdict | null): string[] {
  const name = `${plan.number}.${task.number}`;
  const status = task.attempts.at(-1)?.status;
  const turnedDown = status === 'rejected' || status === 'inconclusive';
  const again = task.status === 'failed' && turnedDown && last !== null && !last.rebased;
  return [
    ...taskSteps(plan, task),
    ...(again
      ? [`planwright update-task ${name} --spec FILE && planwright verify-task ${name} --again`]
      : []),
    ...(task.status === 'claimed' && task.effect === 'change' ? [`planwright verify-task ${name}`] : []),
  ];
}
