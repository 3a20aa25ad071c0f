import { z } from 'zod';
import { ATTEMPT_STATUSES } from '#domain/plan/attempt.machine.js';
import { CLEAN, isClean } from '../text.js';

/** `POST /api/plan-tasks/:task/answer` */
export const answerTaskRequest = z.strictObject({
  /** The session of the task goes on with it. */
  answer: z.string().trim().min(1).max(20_000).refine(isClean, CLEAN),
});
export type AnswerTaskRequest = z.output<typeof answerTaskRequest>;

/** Of what an attempt leaves while it runs, in order: both lists grow at their end only. */
const after = z.coerce.number().int().min(0).default(0).describe('Only what has a higher number.');

export const transcriptQuery = z.strictObject({
  after,
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many items at most.'),
});
export type TranscriptQuery = z.output<typeof transcriptQuery>;

export const outputQuery = z.strictObject({
  after,
  limit: z.coerce.number().int().min(1).max(1_000).default(500).describe('How many items at most.'),
});
export type OutputQuery = z.output<typeof outputQuery>;

const usage = z.object({
  inputTokens: z.int(),
  outputTokens: z.int(),
  cacheWriteTokens: z.int(),
  cacheReadTokens: z.int(),
});

export const messageView = z.object({
  seq: z.int(),
  /** A `note` says of the transcript itself that it was cut. */
  role: z.enum(['user', 'assistant', 'note']),
  /** Blocks of the conversation: text, thinking, uses of tools and their results. */
  content: z.array(z.unknown()),
  /** Of an answer of the model. */
  usage: usage.nullable(),
  at: z.iso.datetime(),
});

/** What both say of their attempt. */
const ofAttempt = {
  task: z.string(),
  attempt: z.int(),
  status: z.enum(ATTEMPT_STATUSES),
  /** Nothing will be added any more, and nothing is left after this page. */
  complete: z.boolean(),
};

/** `GET /api/plan-tasks/:task/attempts/:attempt/transcript` */
export const transcriptView = z.object({ ...ofAttempt, items: z.array(messageView) });
export type TranscriptView = z.output<typeof transcriptView>;

/** `GET /api/plan-tasks/:task/attempts/:attempt/output` */
export const outputView = z.object({
  ...ofAttempt,
  items: z.array(z.object({ seq: z.int(), text: z.string(), at: z.iso.datetime() })),
});
export type OutputView = z.output<typeof outputView>;
