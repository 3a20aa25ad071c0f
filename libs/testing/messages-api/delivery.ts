import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ScriptedError, ScriptedMessage } from './answer.js';
import type { StreamEvent } from './message.js';

const DEFAULT_AFTER = 4;
const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** Sends an error as the API does. */
export function sendError(response: ServerResponse, error: ScriptedError): void {
  const { status, code, retryAfter, headers = {} } = error;
  const type = error.type ?? ERROR_TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  sendJson(response, status, errorBody(type, error.message ?? messageOf(type), code), {
    ...headers,
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  });
}

/** Sends JSON whole. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'request-id': 'req_scripted',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Sends a JSON answer as its delivery says. */
export async function sendWhole(
  response: ServerResponse,
  body: unknown,
  { delivery = {} }: ScriptedMessage,
): Promise<void> {
  if (delivery.delayMs !== undefined) await sleep(delivery.delayMs);
  if (delivery.end === undefined) return sendJson(response, 200, body);
  const text = JSON.stringify(body);
  response.writeHead(200, { 'content-type': 'application/json', 'request-id': 'req_scripted' });
  await written(response, text.slice(0, text.length / 2));
  if (delivery.end === 'truncate' || delivery.end === 'error') response.end();
  else if (delivery.end === 'drop') response.destroy();
}

/** Sends a stream as its delivery says. */
export async function sendStream(
  response: ServerResponse,
  events: readonly StreamEvent[],
  { delivery = {} }: ScriptedMessage,
): Promise<void> {
  const { end, delayMs, after = DEFAULT_AFTER, errorType = 'overloaded_error' } = delivery;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'request-id': 'req_scripted',
  });
  for (const event of end === undefined ? events : events.slice(0, after)) {
    if (delayMs !== undefined) await sleep(delayMs);
    if (response.destroyed) return;
    await written(response, serverSentEvent(event));
  }
  if (end === 'stall') return;
  if (end === 'drop') return void response.destroy();
  if (end === 'error')
    await written(response, serverSentEvent(errorBody(errorType, messageOf(errorType), undefined)));
  response.end();
}

function errorBody(type: string, message: string, code: string | undefined): StreamEvent {
  const details = code === undefined ? null : { error_code: code };
  return { type: 'error', error: { type, message, details }, request_id: 'req_scripted' };
}

const messageOf = (type: string): string =>
  type === 'overloaded_error' ? 'Overloaded' : `The script answers with ${type}`;

const serverSentEvent = (event: StreamEvent): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/** Resolves when the text is on its way: a connection that breaks afterwards breaks behind it. */
function written(response: ServerResponse, text: string): Promise<void> {
  return new Promise((resolve) => response.write(text, () => resolve()));
}
