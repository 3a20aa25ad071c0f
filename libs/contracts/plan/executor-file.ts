import { z } from 'zod';
import { EXECUTOR_KINDS, type ExecutorKind } from '#domain/plan/state.js';
import { AGENT_EFFORTS, AGENT_NAMES } from '../agents/agent-cli.js';
import { agentProblems, type AgentFile } from '../agents/agent-file.js';
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

const word = z.string().trim().min(1).max(500).refine(isClean, CLEAN);
const toolNames = z
  .array(word.refine((name) => !name.includes(','), 'must be one name: write a list for several'))
  .min(1)
  .max(100);
const toolsShape = z.strictObject({ allow: toolNames.optional(), deny: toolNames.optional() });

/** Some line of it begins a hunk, or the part of a file. */
function isDiff(text: string): boolean {
  return /^(?:@@ -\d|diff --git )/m.test(text);
}

/** One object rather than a union: what is wrong is then said of the key that is wrong. */
const executorShape = z.strictObject({
  /** A line for the shell. */
  command: z.string().trim().min(1).max(10_000).refine(isClean, CLEAN).optional(),
  /** A coding agent that the worker's machine has; what it can be told is in docs/agents.md. */
  agent: z.enum(AGENT_NAMES).optional(),
  model: word.refine((name) => !name.startsWith('-'), 'must not begin with a dash').optional(),
  /** How hard its model thinks. */
  effort: z.enum(AGENT_EFFORTS).optional(),
  /** Names as the agent has them. */
  tools: toolsShape.optional(),
  /** A session of the agent to go on with. */
  resume: word.refine((id) => !id.startsWith('-'), 'must not begin with a dash').optional(),
  /** Further arguments of the agent, as they are. */
  args: z.array(z.string().max(10_000).refine(isClean, CLEAN)).max(100).optional(),
  timeout: duration.optional(),
  /** Whether a command or an agent that changes nothing is given a checkout to look at. */
  checkout: z.boolean().optional(),
  /** A model works on it. */
  claude: claudeShape.optional(),
  /** Whoever the profile says, that the task names or that fits what it needs: as if it said nothing. */
  profile: nothing.optional(),
  /** A unified diff that is applied as it is; or, of one line, the path of its file, for whoever reads the plan's file. */
  patch: z
    .string()
    .max(500_000)
    .refine(isDiff, 'must be a unified diff, or the path of its file')
    .refine(isClean, CLEAN)
    .optional(),
  /** Nothing to run: a point where others meet. */
  milestone: nothing.optional(),
  wait: waitShape.optional(),
  /** Somebody outside claims the task and hands its work in. */
  external: nothing.optional(),
});

export const EXECUTOR_KEYS = Object.keys(executorShape.shape);
export const TOOLS_KEYS = Object.keys(toolsShape.shape);
export const WAIT_KEYS = Object.keys(waitShape.shape);

const DEFAULT_TIMEOUT = 600;
/** An agent reads, thinks and runs tests. */
const DEFAULT_AGENT_TIMEOUT = 3_600;
const AGENT_KEYS = ['model', 'effort', 'tools', 'resume', 'args'] as const;

export type WaitFile =
  | { readonly for: number }
  | { readonly until: string }
  | { readonly event: string; readonly timeout?: number };

export type ExecutorFile =
  | { readonly command: string; readonly timeout: number; readonly checkout?: boolean }
  | { readonly claude: ClaudeFile }
  | { readonly agent: AgentFile; readonly timeout: number; readonly checkout?: boolean }
  | { readonly profile: Readonly<Record<string, never>> }
  | { readonly patch: string }
  | { readonly milestone: Readonly<Record<string, never>> }
  | { readonly wait: WaitFile }
  | { readonly external: Readonly<Record<string, never>> };

const ONE_KIND = `one of ${EXECUTOR_KINDS.join(', ')}`;

function notAnObject({ code }: { readonly code: string }): string | undefined {
  return code === 'invalid_type' ? `must be an object that names ${ONE_KIND}` : undefined;
}

/** An executor as a person writes it; durations come out in seconds. */
export const executorFileSchema = z
  .strictObject(executorShape.shape, { error: notAnObject })
  .superRefine((executor, context) => {
    // The line of an own agent is no executor beside it.
    const kinds = EXECUTOR_KINDS.filter(
      (kind) => executor[kind] !== undefined && !(kind === 'command' && executor.agent !== undefined),
    );
    if (kinds.length !== 1) {
      const message =
        kinds.length === 0 ? `must name ${ONE_KIND}` : `must name ${ONE_KIND}, not ${kinds.join(' and ')}`;
      context.addIssue({ code: 'custom', message });
    }
    if (executor.command === undefined && executor.agent === undefined) {
      for (const key of ['timeout', 'checkout'] as const) {
        if (executor[key] === undefined) continue;
        context.addIssue({ code: 'custom', path: [key], message: `says how a command runs; this is none` });
      }
    }
    checkAgent(executor, context);
    checkWait(executor.wait, context);
  })
  .transform((executor): ExecutorFile => {
    const { command, timeout, checkout, claude, patch, wait } = executor;
    const looks = checkout === undefined ? {} : { checkout };
    const agent = toAgent(executor);
    if (agent !== null) return { agent, timeout: timeout ?? DEFAULT_AGENT_TIMEOUT, ...looks };
    if (command !== undefined) return { command, timeout: timeout ?? DEFAULT_TIMEOUT, ...looks };
    if (claude !== undefined) return { claude };
    if (patch !== undefined) return { patch };
    if (wait !== undefined) return { wait: toWait(wait) };
    if (executor.profile !== undefined) return { profile: {} };
    return executor.milestone === undefined ? { external: {} } : { milestone: {} };
  });

/** Whether it says if it wants a checkout to look at. */
export function saysCheckout(executor: ExecutorFile): boolean {
  return 'timeout' in executor && executor.checkout !== undefined;
}

export function executorKindOf(executor: ExecutorFile): ExecutorKind {
  return EXECUTOR_KINDS.find((kind) => kind in executor) ?? 'command';
}

type Written = z.output<typeof executorShape>;

function checkAgent(executor: Written, context: z.RefinementCtx): void {
  const agent = toAgent(executor);
  if (agent !== null) {
    for (const { path, message } of agentProblems(agent))
      context.addIssue({ code: 'custom', path: [...path], message });
    return;
  }
  for (const key of AGENT_KEYS) {
    if (executor[key] === undefined) continue;
    context.addIssue({ code: 'custom', path: [key], message: 'is told to an agent; this names none' });
  }
}

/** Null: it names no agent. */
function toAgent({ agent, model, effort, tools, resume, args, command }: Written): AgentFile | null {
  if (agent === undefined) return null;
  return {
    name: agent,
    ...(model === undefined ? {} : { model }),
    ...(effort === undefined ? {} : { effort }),
    ...(tools === undefined ? {} : { tools: listsOf(tools) }),
    ...(resume === undefined ? {} : { resume }),
    ...(args === undefined ? {} : { args }),
    ...(command === undefined ? {} : { command }),
  };
}

function listsOf({ allow, deny }: NonNullable<Written['tools']>): NonNullable<AgentFile['tools']> {
  return { ...(allow === undefined ? {} : { allow }), ...(deny === undefined ? {} : { deny }) };
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
