import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Store } from '../store.ts';

/** One request on its way through a handler. */
export interface Exchange {
  req: IncomingMessage;
  /** What the `:name` parts of the route's path stand for. */
  params: Record<string, string>;
  store: Store;
}

export interface Reply {
  status: number;
  /** Text is sent as it is, everything else as JSON. */
  body: unknown;
  headers?: OutgoingHttpHeaders;
}

export type Handler = (exchange: Exchange) => Reply | Promise<Reply>;

/** An error whose message the caller may read. */
export interface HttpError extends Error {
  status: number;
}

export function httpError(status: number, message: string): HttpError {
  return Object.assign(new Error(message), { status });
}

export function isHttpError(error: unknown): error is HttpError {
  return error instanceof Error && 'status' in error;
}

const BODY_LIMIT = 64 * 1024;

/** The JSON object in the request's body. */
export async function readJson(req: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of req.setEncoding('utf8')) {
    text += chunk;
    if (text.length > BODY_LIMIT) throw httpError(413, 'The body is too large.');
  }
  const body = parseJson(text);
  if (!isObject(body)) throw httpError(400, 'The body must be a JSON object.');
  return body;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
