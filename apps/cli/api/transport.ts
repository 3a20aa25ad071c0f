import { request, type IncomingMessage } from 'node:http';
import { CliError, EXIT } from '../exit-codes.js';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Place {
  readonly url: string;
  readonly token: string;
}

/** The API refused, with its reason as sentences. */
export class ApiError extends CliError {
  constructor(
    readonly status: number,
    message: string,
    next?: string,
  ) {
    super(EXIT.failed, message, next);
    this.name = 'ApiError';
  }
}

interface ProblemBody {
  readonly detail?: string;
  readonly remedy?: string;
  readonly errors?: readonly {
    readonly path: string;
    readonly message: string;
    readonly line?: number;
    readonly column?: number;
  }[];
}

/**
 * Sends one request. Plain `node:http`: `fetch` alone would cost a third of a short command's time.
 *
 * @throws ApiError for an answer that is no success, CliError `notReachable` when nobody answers
 */
export async function send(place: Place, call: ApiRequest): Promise<IncomingMessage> {
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  const headers = {
    authorization: `Bearer ${place.token}`,
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    ...call.headers,
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const { method, signal } = call;
    const outgoing = request(place.url + call.path, {
      method,
      headers,
      // One request and no more: a connection that is kept would only delay the end.
      agent: false,
      ...(signal === undefined ? {} : { signal }),
    });
    outgoing.once('response', resolve);
    outgoing.once('error', (error) => reject(signal?.aborted === true ? error : notReachable(place, error)));
    outgoing.end(body);
  });
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return response;
  throw toApiError(status, await readText(response), call.path);
}

/** Sends one request and reads its JSON answer; an empty answer is undefined. */
export async function sendForJson<T>(place: Place, call: ApiRequest): Promise<T> {
  const text = await readText(await send(place, call));
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function notReachable(place: Place, error: Error): CliError {
  return new CliError(EXIT.notReachable, `No API answers at ${place.url}: ${error.message}`, 'planwright up');
}

function toApiError(status: number, text: string, asked: string): ApiError {
  let problem: ProblemBody = {};
  try {
    problem = JSON.parse(text) as ProblemBody;
  } catch {
    // Not ours: a proxy, or another program on the port.
  }
  // Where it is all that is wrong, the place has nothing to add.
  const others = (problem.errors ?? []).filter(
    ({ message, line }) => message !== problem.detail || line !== undefined,
  );
  const places = others.map((error) => {
    const at =
      error.line === undefined ? error.path : `${error.path} (line ${error.line}, column ${error.column})`;
    return `  ${at}: ${error.message}`;
  });
  const lines = [problem.detail ?? `The API answered ${status}.`, ...places, problem.remedy ?? ''];
  const next = status === 409 && problem.remedy === undefined ? whatIsPossible(asked) : undefined;
  return new ApiError(status, lines.filter((line) => line !== '').join('\n'), next);
}

/** A state that forbids something: the plan shows what it allows. */
function whatIsPossible(path: string): string | undefined {
  const plan = /^\/api\/(?:plans|plan-tasks)\/(\d{1,9}|latest)(?:[./]|$)/.exec(path)?.[1];
  return plan === undefined ? undefined : `planwright show ${plan}`;
}
