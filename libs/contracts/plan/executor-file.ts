import { z } from 'zod';
import { EXECUTOR_KINDS, type ExecutorKind } from '#domain/plan/state.js';
import { CLEAN, isClean } from '../text.js';
import { claudeShape, type ClaudeFile } from './claude-file.js';
import { duration, waitingTime } from './duration.js';

/** How a plan file names who carries a task out. */

/** The name of an event that a task waits for and that somebody sends. */
export const signalName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be letters, digits, dots, dashes and _, at most 63');

const waitShape = z.strictObject({
  for: waitingTime.optional(),
  until: z.iso
    .datetime({ offset: true, error: 'must be a time with its offset, such as 2026-12-01T08:00:00+01:00' })
    .optional(),
  event: signalName.optional(),
  timeout: waitingTime.optional(),
});

const nothing = z.strictObject({});

/** One object rather than a union: what is wrong is then said of the key that is wrong. */
const executorShape = z.strictObject({
  /** A line for the shell. */
  command: z.string().trim().min(1).max(10_000).refine(isClean, CLEAN).optional(),
  timeout: duration.optional(),
  /** Whether a command that changes nothing is given a checkout to look at. */
  checkout: z.boolean().optional(),
  /** A model works on it. */
  claude: claudeShape.optional(),
  /** Nothing to run: a point where others meet. */
  milestone: nothing.optional(),
  wait: waitShape.optional(),
  /** Somebody outside claims the task and hands its work in. */
  external: nothing.optional(),
});

export const EXECUTOR_KEYS = Object.keys(executorShape.shape);
export const WAIT_KEYS = Object.keys(waitShape.shape);

const DEFAULT_TIMEOUT = 600;

export type WaitFile =
  | { readonly for: number }
  | { readonly until: string }
  | { readonly event: string; readonly timeout?: number };

export type ExecutorFile =
  | { readonly command: string; readonly timeout: number; readonly checkout?: boolean }
  | { readonly claude: ClaudeFile }
  | { readonly milestone: Readonly<Record<string, never>> }
  | { readonly wait: WaitFile }
  | { readonly external: Readonly<Record<string, never>> };

/** An executor as a person writes it; durations come out in seconds. */
export const executorFileSchema = executorShape
  .superRefine((executor, context) => {
    const kinds = EXECUTOR_KINDS.filter((kind) => executor[kind] !== undefined);
    if (kinds.length !== 1) {
      const list = `one of ${EXECUTOR_KINDS.join(', ')}`;
      const message =
        kinds.length === 0 ? `must name ${list}` : `must name ${list}, not ${kinds.join(' and ')}`;
      context.addIssue({ code: 'custom', message });
    }
    if (executor.command === undefined) {
      for (const key of ['timeout', 'checkout'] as const) {
        if (executor[key] === undefined) continue;
        context.addIssue({ code: 'custom', path: [key], message: `says how a command runs; this is none` });
      }
    }
    checkWait(executor.wait, context);
  })
  .transform((executor): ExecutorFile => {
    const { command, timeout = DEFAULT_TIMEOUT, checkout, claude, wait } = executor;
    if (command !== undefined) return { command, timeout, ...(checkout === undefined ? {} : { checkout }) };
    if (claude !== undefined) return { claude };
    if (wait !== undefined) return { wait: toWait(wait) };
    return executor.milestone === undefined ? { external: {} } : { milestone: {} };
  });

export function executorKindOf(executor: ExecutorFile): ExecutorKind {
  return EXECUTOR_KINDS.find((kind) => kind in executor) ?? 'command';
}

type Wait = z.output<typeof waitShape>;

function checkWait(wait: Wait | undefined, context: z.RefinementCtx): void {
  if (wait === undefined) return;
  const ways = (['for', 'until', 'event'] as const).filter((way) => wait[way] !== undefined);
  if (ways.length !== 1) {
    const message = 'must say one of for (a duration), until (a time) and event (a name)';
    context.addIssue({ code: 'custom', path: ['wait'], message });
  }
  if (wait.timeout !== undefined && wait.event === undefined) {
    const message = 'is for events only: a time comes by itself';
    context.addIssue({ code: 'custom', path: ['wait', 'timeout'], message });
  }
}

function toWait({ for: seconds, until, event, timeout }: Wait): WaitFile {
  if (seconds !== undefined) return { for: seconds };
  if (until !== undefined) return { until };
  return { event: event ?? '', ...(timeout === undefined ? {} : { timeout }) };
}
