import type pc from 'picocolors';
import type { AttemptView, PhaseView, PlanView, TaskView } from '#contracts/api/plans.js';
import { nextSteps } from './next-steps.js';
import { durationWords } from './duration.js';
import { taskWords } from './task-words.js';

/** The colours of picocolors, or none of them. */
export type Colours = ReturnType<typeof pc.createColors>;

const MARKS: { readonly [S in TaskView['status']]: string } = {
  pending: '·',
  ready: '·',
  awaiting_approval: '?',
  waiting: '◷',
  claimed: '◐',
  queued: '◌',
  executing: '◐',
  verifying: '◑',
  awaiting_review: '?',
  awaiting_answer: '?',
  integrating: '◕',
  completed: '✔',
  satisfied: '✔',
  failed: '✖',
  skipped: '⤼',
  blocked: '■',
  cancelled: '✖',
};

const TITLE_WIDTH = 44;

/**
 * The plan as a tree of lines: phases, tasks, attempts, durations, and where a spec failed.
 *
 * @param now milliseconds, for what still runs
 */
export function renderPlan(plan: PlanView, now: number, colours: Colours): string[] {
  const head = `${colours.bold(`Plan ${plan.number}`)}  ${plan.name}  ${statusWord(plan.status, colours)}  ${colours.dim(span(plan.startedAt, plan.finishedAt, now))}`;
  return [
    head.trimEnd(),
    ...plan.phases.flatMap((phase, index) =>
      renderPhase(plan, phase, index === plan.phases.length - 1, now, colours),
    ),
  ];
}

/** Why a plan is at rest, and the commands by which a person moves it on. */
export function renderNext(plan: PlanView, colours: Colours): string[] {
  const why = `${plan.pauseReason?.replaceAll('_', ' ') ?? ''}. ${plan.pauseNote ?? ''}`.trimEnd();
  const paused = plan.status === 'paused' || plan.status === 'pausing';
  return [
    ...(paused ? [colours.yellow(`${plan.status === 'paused' ? 'Paused' : 'Pausing'}: ${why}`)] : []),
    ...nextSteps(plan).map((step, index) => `${index === 0 ? 'Next: ' : '      '}${step}`),
  ];
}

function renderPhase(
  plan: PlanView,
  phase: PhaseView,
  last: boolean,
  now: number,
  colours: Colours,
): string[] {
  const rail = last ? '   ' : '│  ';
  const time = colours.dim(span(phase.startedAt, phase.finishedAt, now));
  const asks = phase.status === 'awaiting_approval' ? `  ${colours.magenta('waits for your approval')}` : '';
  const head = `${last ? '└─' : '├─'} ${colours.bold(phase.name)} ${colours.dim(`(${phase.mode})`)}${asks}  ${time}`;
  return [
    head.trimEnd(),
    ...phase.tasks.flatMap((task) => renderTask(plan, phase, task, now, colours).map((line) => rail + line)),
  ];
}

function renderTask(
  plan: PlanView,
  phase: PhaseView,
  task: TaskView,
  now: number,
  colours: Colours,
): string[] {
  const title =
    task.title.length > TITLE_WIDTH
      ? `${task.title.slice(0, TITLE_WIDTH - 1)}…`
      : task.title.padEnd(TITLE_WIDTH);
  const number = `${plan.number}.${task.number}`.padEnd(5);
  const mark = paint(task.status, MARKS[task.status], colours);
  const facts = [
    outcome(task, phase, colours),
    attemptsWord(task),
    colours.dim(task.attempts.at(-1)?.profile?.slug ?? ''),
    colours.dim(worked(task, now)),
    colours.dim(noteOf(task)),
    colours.yellow(provesNothing(task)),
  ];
  const head = `${mark} ${number} ${title}  ${facts.filter((fact) => fact !== '').join('  ')}`;
  return [head.trimEnd(), ...renderFailures(task.attempts, colours)];
}

/** What went wrong in each attempt; the same in a row is told once. */
function renderFailures(attempts: readonly AttemptView[], colours: Colours): string[] {
  const told = attempts.map((attempt) => ({ attempt, lines: renderFailure(attempt, colours) }));
  const isSame = (one: string[] | undefined, other: string[]): boolean =>
    one !== undefined && one.join('\n') === other.join('\n');
  return told.flatMap(({ attempt, lines: [reason = '', ...places] }, at) => {
    const lines = [reason, ...places];
    if (reason === '' || isSame(told[at + 1]?.lines, lines)) return [];
    let first = at;
    while (isSame(told[first - 1]?.lines, lines)) first -= 1;
    const numbers =
      first === at
        ? `attempt ${attempt.number}`
        : `attempts ${told[first]?.attempt.number}–${attempt.number}`;
    return [colours.yellow(`  ↳ ${numbers}: ${reason}`), ...places];
  });
}

/** From its first attempt to the end of its last one, or until now while one is open. */
function worked({ attempts, completedAt }: TaskView, now: number): string {
  const last = attempts.at(-1);
  return span(attempts[0]?.startedAt ?? null, completedAt ?? last?.finishedAt ?? null, now);
}

const AHEAD: readonly TaskView['status'][] = ['pending', 'ready', 'awaiting_approval', 'claimed', 'queued'];

/** A spec that is green before the work cannot show that there was any. */
function provesNothing({ specOnBase, status }: TaskView): string {
  return specOnBase === 'green' && AHEAD.includes(status)
    ? 'its spec is green on the base: it proves nothing'
    : '';
}

/** Why a person left it out, or ended it; what is told with a failed attempt is not said twice. */
function noteOf({ status, note, attempts, commit }: TaskView): string {
  const isSaid = attempts.some(({ failure, message }) => failure !== null && message === note);
  const matters = status === 'skipped' || status === 'failed' || (status === 'completed' && commit === null);
  return note === null || isSaid || !matters ? '' : firstLine(note);
}

/** Where the jobs of each attempt are shown. */
export function renderJobs(plan: PlanView, url: string): string[] {
  return plan.phases
    .flatMap((phase) => phase.tasks)
    .flatMap((task) =>
      task.attempts.map(
        ({ number, jobs }) => `Jobs of ${plan.number}.${task.number}, attempt ${number}: ${url}${jobs}`,
      ),
    );
}

/** Failures whose violations say more than their message. */
const JUDGED: readonly AttemptView['failure'][] = ['verification_failed', 'protected_path', 'scope_exceeded'];

/** What went wrong in an attempt: its reason, then a line for each rule, with place and term. */
function renderFailure(attempt: AttemptView, colours: Colours): string[] {
  if (attempt.failure === null || attempt.failure === 'cancelled') return [];
  const violations = JUDGED.includes(attempt.failure) ? (attempt.verdict?.violations ?? []) : [];
  const message = violations.length > 0 ? '' : summaryOf(attempt.message ?? '');
  const lines = [[attempt.failure.replaceAll('_', ' '), message].filter((part) => part !== '').join(': ')];
  for (const violation of violations.slice(0, 5)) {
    const place =
      violation.file === undefined
        ? ''
        : ` ${violation.file}${violation.line === undefined ? '' : `:${violation.line}`}`;
    lines.push(
      colours.yellow(`      ${violation.rule}${place}`) + colours.dim(`  ${firstLine(violation.message)}`),
    );
  }
  return lines;
}

function outcome(task: TaskView, phase: PhaseView, colours: Colours): string {
  const word = taskWords(task, phase);
  if (task.status !== 'completed' || task.effect === 'none') return paint(task.status, word, colours);
  const judged = task.verified === true ? colours.green(word) : colours.yellow(word);
  return task.commit === null ? judged : `${judged} ${colours.cyan(task.commit.slice(0, 8))}`;
}

function attemptsWord(task: TaskView): string {
  return task.attempts.length > 1 ? `${task.attempts.length} attempts` : '';
}

function statusWord(status: PlanView['status'], colours: Colours): string {
  if (status === 'completed') return colours.green(status);
  if (status === 'failed' || status === 'cancelled') return colours.red(status);
  return status === 'paused' || status === 'pausing' ? colours.yellow(status) : colours.cyan(status);
}

function paint(status: TaskView['status'], text: string, colours: Colours): string {
  if (status === 'completed' || status === 'satisfied') return colours.green(text);
  if (status === 'failed' || status === 'cancelled') return colours.red(text);
  if (status.startsWith('awaiting_')) return colours.magenta(text);
  return status === 'pending' || status === 'ready' ? colours.dim(text) : colours.cyan(text);
}

/** How long something took, or takes until now; nothing before it started. */
export function span(startedAt: string | null, finishedAt: string | null, now: number): string {
  if (startedAt === null) return '';
  return durationWords(
    Math.max(0, (finishedAt === null ? now : Date.parse(finishedAt)) - Date.parse(startedAt)),
  );
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.trim() ?? '';
}

/** A first line that ends with a colon announces what stands at the end. */
function summaryOf(text: string): string {
  const first = firstLine(text);
  if (!first.endsWith(':')) return first;
  return `${first} ${text.trimEnd().split('\n').slice(1).at(-1)?.trim() ?? ''}`.trimEnd();
}
