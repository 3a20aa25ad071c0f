import type pc from 'picocolors';
import type { AttemptView, PhaseView, PlanView, TaskView } from '#contracts/api/plans.js';

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
  integrating: '◕',
  completed: '✔',
  satisfied: '✔',
  failed: '✖',
  skipped: '⤼',
  blocked: '■',
  cancelled: '✖',
};

const WORDS: { readonly [S in TaskView['status']]?: string } = {
  awaiting_approval: 'waits for your approval',
  awaiting_review: 'waits for your review',
  waiting: 'waits for its time or event',
  claimed: 'in somebody’s hands',
  executing: 'running',
  satisfied: 'already done',
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
    head,
    ...plan.phases.flatMap((phase, index) =>
      renderPhase(plan, phase, index === plan.phases.length - 1, now, colours),
    ),
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
  const head = `${last ? '└─' : '├─'} ${colours.bold(phase.name)} ${colours.dim(`(${phase.mode})`)}  ${time}`;
  return [
    head,
    ...phase.tasks.flatMap((task) => renderTask(plan, task, now, colours).map((line) => rail + line)),
  ];
}

function renderTask(plan: PlanView, task: TaskView, now: number, colours: Colours): string[] {
  const title =
    task.title.length > TITLE_WIDTH
      ? `${task.title.slice(0, TITLE_WIDTH - 1)}…`
      : task.title.padEnd(TITLE_WIDTH);
  const number = `${plan.number}.${task.number}`.padEnd(5);
  const mark = paint(task.status, MARKS[task.status], colours);
  const facts = [
    outcome(task, colours),
    attemptsWord(task),
    colours.dim(span(task.attempts[0]?.startedAt ?? null, task.completedAt, now)),
  ];
  const head = `${mark} ${number} ${title}  ${facts.filter((fact) => fact !== '').join('  ')}`;
  return [head.trimEnd(), ...task.attempts.flatMap((attempt) => renderFailure(attempt, colours))];
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

/** What went wrong in an attempt: its reason, then rule, place and term. */
function renderFailure(attempt: AttemptView, colours: Colours): string[] {
  if (attempt.failure === null || attempt.failure === 'cancelled') return [];
  const violations =
    attempt.failure === 'verification_failed' || attempt.failure === 'protected_path'
      ? (attempt.verdict?.violations ?? [])
      : [];
  const reason = violations.length > 0 ? '' : ` ${firstLine(attempt.message ?? '')}`;
  const lines = [
    colours.yellow(`  ↳ attempt ${attempt.number}: ${attempt.failure.replaceAll('_', ' ')}${reason}`),
  ];
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

function outcome(task: TaskView, colours: Colours): string {
  if (task.status !== 'completed' && task.status !== 'satisfied')
    return task.awaitsClaim
      ? colours.magenta('waits for a claim')
      : paint(task.status, WORDS[task.status] ?? task.status, colours);
  if (task.effect === 'none') return colours.green('done');
  const word = task.verified === true ? colours.green('verified') : colours.yellow('unverified');
  return task.commit === null ? word : `${word} ${colours.cyan(task.commit.slice(0, 8))}`;
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
  if (status === 'awaiting_approval' || status === 'awaiting_review') return colours.magenta(text);
  return status === 'pending' || status === 'ready' ? colours.dim(text) : colours.cyan(text);
}

/** `1.2 s`, `3 m 04 s`; nothing before it started. */
export function span(startedAt: string | null, finishedAt: string | null, now: number): string {
  if (startedAt === null) return '';
  const ms = Math.max(0, (finishedAt === null ? now : Date.parse(finishedAt)) - Date.parse(startedAt));
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, '0')} s`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.trim() ?? '';
}
