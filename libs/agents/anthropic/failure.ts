import { APIConnectionError, APIConnectionTimeoutError, APIError } from '@anthropic-ai/sdk';
import { redact } from '#domain/redact.js';
import type { ModelFailureKind } from '#engine/ports/llm.port.js';

/** An answer that began and did not end as answers do. */
export class BrokenStream extends Error {
  override readonly name = 'BrokenStream';
}

/** What an error means for the call. */
export type Verdict =
  /** Trying again may help: after `waitMs`, or, where nobody said, after a while. */
  | {
      readonly retry: true;
      readonly waitMs: number | null;
      readonly kind: ModelFailureKind;
      readonly message: string;
    }
  | {
      readonly retry: false;
      readonly kind: ModelFailureKind;
      readonly message: string;
      readonly retryAt: Date | null;
    };

export interface Judging {
  readonly model: string;
  readonly host: string;
  readonly key: string | null;
  /** The longest time that is waited inside a call. */
  readonly maxWaitMs: number;
  readonly now: () => Date;
}

/** Which HTTP status an `error` event inside a stream stands for. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  timeout_error: 504,
  overloaded_error: 529,
};
/** Limits on what is spent: no wait inside a call outlasts them. */
const SPEND_LIMITS = new Set(['enforced_spend_limit_reached', 'contract_spend_limit_reached']);
/** The provider calls a limit that the customer set an invalid request. */
const OWN_LIMIT = /^You have reached your specified .*usage limits/i;
const NO_CREDIT = /credit balance is too low/i;
const PASSING = new Set([408, 409, 425]);

/** Judges what ended a try; null: it is none of the provider's failures. */
export function judge(error: unknown, judging: Judging): Verdict | null {
  if (error instanceof BrokenStream) return broken(error.message, judging);
  if (error instanceof APIConnectionTimeoutError) return broken('no answer began in time', judging);
  if (error instanceof APIConnectionError) return unreachable(error, judging);
  if (error instanceof APIError) return judgeAnswer(error, judging);
  return null;
}

function judgeAnswer(error: APIError, judging: Judging): Verdict {
  const status = error.status ?? STATUS_OF_TYPE[error.type ?? ''] ?? 500;
  const said = saidBy(error, judging);
  if (isUsageLimit(error, status))
    return {
      retry: false,
      kind: 'quota',
      message: `The account behind ANTHROPIC_API_KEY has reached a limit of what it may use (${status}): ${said}`,
      retryAt: resetOf(error) ?? dateIn(said),
    };
  if (status === 429) return rateLimit(error, said, judging);
  if (status >= 500 || PASSING.has(status))
    return {
      retry: true,
      waitMs: bounded(retryAfterMs(error, judging.now()), judging.maxWaitMs),
      kind: 'unavailable',
      message: `The Messages API at ${judging.host} cannot answer now (${status}): ${said}`,
    };
  return { retry: false, kind: 'rejected', message: rejection(status, said, judging), retryAt: null };
}

function isUsageLimit(error: APIError, status: number): boolean {
  if (status === 402 || SPEND_LIMITS.has(error.errorCode ?? '')) return true;
  const said = error.apiMessage ?? '';
  return status === 400 && (OWN_LIMIT.test(said) || NO_CREDIT.test(said));
}

/** A short time is waited here; a long one is the caller's business. */
function rateLimit(error: APIError, said: string, { now, maxWaitMs, host }: Judging): Verdict {
  const moment = now();
  const reset = resetOf(error);
  const waitMs =
    retryAfterMs(error, moment) ?? (reset === null ? null : Math.max(0, reset.getTime() - moment.getTime()));
  const message = `The Messages API at ${host} limits this account for now (429): ${said}`;
  if (waitMs === null || waitMs <= maxWaitMs) return { retry: true, waitMs, kind: 'quota', message };
  return { retry: false, kind: 'quota', message, retryAt: new Date(moment.getTime() + waitMs) };
}

function broken(what: string, { host }: Judging): Verdict {
  return {
    retry: true,
    waitMs: null,
    kind: 'unavailable',
    message: `The answer of the Messages API at ${host} broke off: ${what}.`,
  };
}

function unreachable(error: APIConnectionError, { host, key }: Judging): Verdict {
  return {
    retry: true,
    waitMs: null,
    kind: 'unavailable',
    message: redact(`The Messages API at ${host} cannot be reached (${causeOf(error)}).`, [key]),
  };
}

function rejection(status: number, said: string, { model }: Judging): string {
  switch (status) {
    case 401:
      return `The key in ANTHROPIC_API_KEY is refused (401): ${said} Set a valid key and start Planwright again.`;
    case 403:
      return `The key in ANTHROPIC_API_KEY may not do this (403): ${said} Use a key that may use ${model}, or another model.`;
    case 404:
      return `The Messages API knows no model ${model} (404): ${said} Set PLANWRIGHT_MODEL to one that it knows, and see that ANTHROPIC_BASE_URL is right.`;
    case 413:
      return `The request is larger than the Messages API takes (413): ${said}`;
    default:
      return `The Messages API refuses the request to ${model} (${status}): ${said}`;
  }
}

/** The provider's own words, as a sentence and without the key. */
function saidBy(error: APIError, { key }: Judging): string {
  const text = redact((error.apiMessage ?? error.type ?? 'no reason given').trim(), [key]).slice(0, 500);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** When the provider says that a limit ends. */
function resetOf({ headers }: APIError): Date | null {
  const seconds = Number(headers?.get('anthropic-ratelimit-unified-reset') ?? Number.NaN);
  return Number.isFinite(seconds) ? new Date(seconds * 1_000) : null;
}

/** "… on 2031-01-01 at 00:00 UTC": the only form in which some limits name their end. */
function dateIn(said: string): Date | null {
  const found = /(\d{4}-\d{2}-\d{2}) at (\d{2}:\d{2}) UTC/.exec(said);
  const date = found === null ? null : new Date(`${found[1]}T${found[2]}:00Z`);
  return date === null || Number.isNaN(date.getTime()) ? null : date;
}

/** `retry-after` in seconds or as a date. */
function retryAfterMs({ headers }: APIError, now: Date): number | null {
  const text = headers?.get('retry-after')?.trim() ?? '';
  if (text === '') return null;
  const seconds = Number(text);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(text) - now.getTime();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

const bounded = (ms: number | null, most: number): number | null => (ms === null ? null : Math.min(ms, most));

/** The innermost reason: `fetch failed` alone says nothing. */
export function causeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { cause, code, message } = error as { cause?: unknown; code?: unknown; message?: unknown };
  if (typeof cause === 'object' && cause !== null) return causeOf(cause);
  return typeof code === 'string' ? code : String(message);
}
