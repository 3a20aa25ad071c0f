import { constants, lstatSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { issuesToProblems } from '#contracts/problems.js';
import { CLEAN, isClean, isCleanJson } from '#contracts/text.js';
import type { AgentResult } from '#engine/ports/agent.port.js';

const MAX_BYTES = 65_536;

const schema = z.strictObject({
  outcome: z.enum(['done', 'needs_replan', 'quota', 'failed', 'question']),
  message: z.string().trim().max(10_000).refine(isClean, CLEAN).default(''),
  /** When a quota is there again. */
  resetAt: z.iso.datetime({ offset: true, error: 'must be a time with its offset' }).optional(),
  data: z.unknown().refine(isCleanJson, CLEAN).optional(),
});

/** What a command says of its own work; `data` is null where it said nothing more. */
export type Report =
  | { readonly outcome: 'done'; readonly data: unknown }
  /** Something that only a person can decide. */
  | { readonly outcome: 'question'; readonly question: string }
  | {
      readonly outcome: 'failed';
      readonly failure: Extract<AgentResult, { kind: 'failed' }>['failure'];
      readonly message: string;
      readonly retryAt: Date | null;
      readonly data: unknown;
    };

const WORDS = {
  needs_replan: 'the command says that the plan does not fit',
  quota: 'the command says that a quota is used up',
  failed: 'the command says that it failed',
} as const;

/** Reads what the command left, if anything. A report that cannot be read is a fault of the command. */
export async function readReport(path: string): Promise<Report> {
  // As a rule there is none: asking that costs less than failing to open it.
  const text = lstatSync(path, { throwIfNoEntry: false }) === undefined ? null : await readText(path);
  if (text === null) return { outcome: 'done', data: null };
  if (typeof text !== 'string') return broken(text.reason);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return broken(`it is no JSON: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const problems = issuesToProblems(parsed.error.issues).slice(0, 5);
    return broken(
      problems.map(({ path: at, message }) => (at === '' ? message : `${at}: ${message}`)).join('; '),
    );
  }
  const { outcome, message, resetAt, data = null } = parsed.data;
  if (outcome === 'done') return { outcome, data };
  if (outcome === 'question')
    return message === '' ? broken('message: is required for a question') : { outcome, question: message };
  return {
    outcome: 'failed',
    failure: outcome === 'failed' ? 'agent_failed' : outcome,
    message: message === '' ? WORDS[outcome] : message,
    retryAt: outcome === 'quota' && resetAt !== undefined ? new Date(resetAt) : null,
    data,
  };
}

function broken(why: string): Report {
  const message = `the file at PLANWRIGHT_RESULT cannot be used: ${why}`;
  return { outcome: 'failed', failure: 'agent_failed', message, retryAt: null, data: null };
}

/** The command may have put anything there: neither a link is followed, nor a pipe waited for. */
async function readText(path: string): Promise<string | { readonly reason: string } | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return { reason: 'it is no regular file' };
      const buffer = Buffer.alloc(MAX_BYTES + 1);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      if (bytesRead > MAX_BYTES) return { reason: `it is larger than ${MAX_BYTES / 1_024} KB` };
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? null : { reason: code === 'ELOOP' ? 'it is a link' : message };
  }
}
