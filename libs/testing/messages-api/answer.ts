import { z } from 'zod';

const usageSchema = z.strictObject({
  input_tokens: z.number().int().min(0).optional(),
  output_tokens: z.number().int().min(0).optional(),
  cache_creation_input_tokens: z.number().int().min(0).optional(),
  cache_read_input_tokens: z.number().int().min(0).optional(),
});

const toolSchema = z.strictObject({
  name: z.string().min(1),
  input: z.unknown(),
  /** The input as it is written, where that is to be no JSON. */
  raw: z.string().optional(),
  /** `toolu_…` by default, from the answer's content. */
  id: z.string().optional(),
});

/** How an answer goes over the wire, where that is not at once and whole. */
const deliverySchema = z.strictObject({
  /** Before each event of a stream, or before the whole of a JSON answer. */
  delayMs: z.number().min(0).optional(),
  /** Characters in each delta. */
  chunk: z.number().int().min(1).optional(),
  /** What ends the stream too early: a reset connection, a clean end, silence, an `error` event. */
  end: z.enum(['drop', 'truncate', 'stall', 'error']).optional(),
  /** Events before that end, `message_start` being the first; 4 by default. */
  after: z.number().int().min(0).optional(),
  /** The type inside an `error` event. */
  errorType: z.string().optional(),
});

const messageSchema = z.strictObject({
  thinking: z.string().optional(),
  /** Of the thinking; made of it by default. Thinking that was cut off has none: ''. */
  signature: z.string().optional(),
  redactedThinking: z.string().optional(),
  text: z.string().optional(),
  /** Text that is this value as JSON. */
  json: z.unknown().optional(),
  tools: z.array(toolSchema).optional(),
  /** By default `tool_use` with tools, else `end_turn`. */
  stop: z
    .enum(['end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'refusal', 'model_context_window_exceeded'])
    .optional(),
  /** What is not given is counted: see `tokens.ts`. */
  usage: usageSchema.optional(),
  delivery: deliverySchema.optional(),
});

const errorSchema = z.strictObject({
  status: z.number().int().min(400).max(599),
  /** By default what the API says with this status. */
  type: z.string().optional(),
  message: z.string().optional(),
  /** `error.details.error_code`. */
  code: z.string().optional(),
  /** Seconds, or the header as it is. */
  retryAfter: z.union([z.number(), z.string()]).optional(),
  headers: z.record(z.string(), z.string()).optional(),
});

const lostSchema = z.strictObject({
  /** The connection breaks before the first byte, or nothing ever comes. */
  lost: z.enum(['drop', 'silence']),
});

export const answerSchema = z.union([messageSchema, errorSchema, lostSchema]);

export type ScriptedMessage = z.infer<typeof messageSchema>;
export type ScriptedError = z.infer<typeof errorSchema>;
export type ScriptedLoss = z.infer<typeof lostSchema>;
export type ScriptedUsage = z.infer<typeof usageSchema>;
export type Delivery = z.infer<typeof deliverySchema>;
/** What one call is answered with; as data, so that a file can hold it. */
export type Answer = z.infer<typeof answerSchema>;

type More = Partial<ScriptedMessage>;

/** Plain text, and the end. */
export const says = (text: string, more: More = {}): Answer => ({ text, ...more });

/** One tool is used. */
export const uses = (name: string, input: unknown, more: More = {}): Answer => ({
  tools: [{ name, input }],
  ...more,
});

/** Several tools are used in one answer. */
export const usesAll = (tools: NonNullable<More['tools']>, more: More = {}): Answer => ({
  tools: [...tools],
  ...more,
});

/** Structured output. */
export const gives = (json: unknown, more: More = {}): Answer => ({ json, ...more });

/** Structured output that no parser takes. */
export const malformed = (text = '{"summary": "unfinished', more: More = {}): Answer => ({ text, ...more });

/** The model will not. */
export const refuses = (text = '', more: More = {}): Answer => ({ text, stop: 'refusal', ...more });

/** Cut off by `max_tokens`. */
export const cutOff = (text: string, more: More = {}): Answer => ({ text, stop: 'max_tokens', ...more });

/** No content at all. */
export const empty = (more: More = {}): Answer => ({ ...more });

/** Too many requests; with or without a time to wait, in seconds. */
export const rateLimited = (retryAfter?: number | string): Answer => ({
  status: 429,
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

/** A subscription's allowance is used up until then. */
export const usageLimited = (resetsAt: Date): Answer => ({
  status: 429,
  message: 'This request would exceed your usage limit.',
  headers: {
    'anthropic-ratelimit-unified-status': 'rejected',
    'anthropic-ratelimit-unified-reset': String(Math.ceil(resetsAt.getTime() / 1_000)),
  },
});

/** The monthly limit of the organisation's tier; the API names no time. */
export const spendLimited = (): Answer => ({
  status: 429,
  code: 'enforced_spend_limit_reached',
  message: 'Your organization has reached its monthly spend limit.',
});

/** A spend limit that the organisation set for itself: the API calls it an invalid request. */
export const ownLimitReached = (until: string): Answer => ({
  status: 400,
  message: `You have reached your specified API usage limits. You will regain access on ${until} at 00:00 UTC.`,
});

export const overloaded = (): Answer => ({ status: 529 });

/** Any other status, with the API's own error type. */
export const failsWith = (status: number, message?: string): Answer => ({
  status,
  ...(message === undefined ? {} : { message }),
});

/** The connection breaks before the first byte. */
export const drops = (): Answer => ({ lost: 'drop' });

/** The request is taken, and nothing ever comes. */
export const staysSilent = (): Answer => ({ lost: 'silence' });

/** The same answer, delivered in another way: broken off, stalled, slowly. */
export const delivered = (answer: Answer, delivery: Delivery): Answer => {
  if (!isMessage(answer)) throw new Error('Only a message can be delivered in another way.');
  return { ...answer, delivery: { ...answer.delivery, ...delivery } };
};

export function isError(answer: Answer): answer is ScriptedError {
  return 'status' in answer;
}

export function isLoss(answer: Answer): answer is ScriptedLoss {
  return 'lost' in answer;
}

export function isMessage(answer: Answer): answer is ScriptedMessage {
  return !isError(answer) && !isLoss(answer);
}
