import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isError, isLoss, isMessage, type Answer } from './answer.js';
import { sendError, sendJson, sendStream, sendWhole } from './delivery.js';
import { streamEvents, wholeMessage } from './message.js';
import { asApiRequest, keyOf, type ApiRequest, type RecordedRequest, type RequestBody } from './request.js';
import { refusalOf } from './requirements.js';
import { compileScript, type AnswerFunction, type Script } from './script.js';
import { inputTokens } from './tokens.js';

export interface MessagesApiOptions {
  /** A free one by default. */
  readonly port?: number;
  /** The only key that opens it; any by default, but there must be one. */
  readonly key?: string;
}

/**
 * The Anthropic Messages API on a loopback port, with answers from a script. It refuses what the API refuses (see
 * `requirements.ts`) and keeps every request.
 *
 * ```ts
 * const api = await startMessagesApi([
 *   says('Hello'),                                           // text
 *   uses('read_file', { path: 'a.ts' }, { thinking: 'Hm' }), // thinking, then a tool
 *   usesAll([{ name: 'ls', input: {} }, { name: 'pwd', input: {} }]),
 *   gives({ summary: 'Good' }),                              // structured output
 *   malformed(), refuses(), cutOff('{"a":'), empty(),        // answers that cannot be used
 *   rateLimited(), rateLimited(2), rateLimited('Wed, 01 Jan 2031 00:00:00 GMT'),
 *   usageLimited(new Date('2031-01-01')), spendLimited(), ownLimitReached('2031-01-01'),
 *   overloaded(), failsWith(500), failsWith(401), failsWith(400, 'prompt is too long'),
 *   drops(), staysSilent(),                                  // before the first byte
 *   delivered(says('Hello'), { end: 'drop' }),               // broken in the middle of the stream
 *   delivered(says('Hello'), { end: 'truncate', after: 2 }), // ended cleanly after two events
 *   delivered(says('Hello'), { end: 'stall' }),              // no further byte
 *   delivered(says('Hello'), { end: 'error' }),              // an `error` event inside the stream
 *   delivered(says('Hello'), { delayMs: 20, chunk: 2 }),     // slowly
 *   says('Hello', { usage: { input_tokens: 10, cache_read_input_tokens: 900 } }),
 * ]);
 * // The same by a function, which may wait before it answers, or by rules (data: a file can hold them):
 * startMessagesApi((request, nth) => (request.last.includes('retry') ? says('Again') : overloaded()));
 * startMessagesApi({ rules: [{ when: { system: 'You review' }, answer: { json: { findings: [] } } },
 *                            { when: { first: 'Task 1.1' }, turns: [{ tools: [{ name: 'done', input: {} }] }] }] });
 * api.calls[0].body.messages; api.calls[0].key;
 * await api.close();
 * ```
 */
export async function startMessagesApi(
  script: Script,
  options: MessagesApiOptions = {},
): Promise<MessagesApi> {
  const api = new MessagesApi(script, options.key ?? null);
  await api.listen(options.port ?? 0);
  return api;
}

export class MessagesApi {
  /** Where it answers: what `ANTHROPIC_BASE_URL` is set to. */
  url = '';
  /** Requests for answers, in the order in which they came; refused ones too. */
  readonly calls: ApiRequest[] = [];
  /** Requests for counts. */
  readonly counts: ApiRequest[] = [];
  /** Calls whose connection the client closed before the answer was whole. */
  aborted = 0;
  private answer: AnswerFunction;
  private nth = 0;
  private readonly server: Server;

  constructor(
    script: Script,
    private readonly key: string | null,
  ) {
    this.answer = compileScript(script);
    this.server = createServer((request, response) => {
      this.handle(request, response).catch((error: unknown) => {
        if (!response.headersSent)
          sendError(response, { status: 400, message: `The script failed: ${String(error)}` });
        else response.destroy();
      });
    });
  }

  /** Starts to listen on the loopback address. */
  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on another script answers; `nth` begins at 0 again. */
  use(script: Script): void {
    this.answer = compileScript(script);
    this.nth = 0;
  }

  /** Ends it, with every open connection. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://api').pathname;
    const body = await bodyOf(request);
    if (!this.opens(request)) return sendError(response, { status: 401, message: 'invalid x-api-key' });
    if (request.method === 'GET' && path.startsWith('/v1/models/')) return sendModel(response, path);
    const counting = path === '/v1/messages/count_tokens';
    if (request.method !== 'POST' || (!counting && path !== '/v1/messages'))
      return sendError(response, { status: 404 });
    const refusal = refusalOf(body, counting);
    const recorded: RecordedRequest = { path, headers: request.headers, body: body as RequestBody };
    if (refusal === null || Array.isArray(body?.messages))
      (counting ? this.counts : this.calls).push(asApiRequest(recorded));
    if (refusal !== null) return sendError(response, { status: 400, message: refusal });
    if (counting) return sendJson(response, 200, { input_tokens: inputTokens(recorded.body) });
    const nth = this.nth++;
    const answer = await this.answer(asApiRequest(recorded), nth);
    this.watch(response, answer);
    await send(request, response, recorded.body, answer, nth);
  }

  private watch(response: ServerResponse, answer: Answer): void {
    const breaksItself = isLoss(answer)
      ? answer.lost === 'drop'
      : isMessage(answer) && answer.delivery?.end === 'drop';
    response.once('close', () => {
      if (!response.writableFinished && !breaksItself) this.aborted += 1;
    });
  }

  private opens(request: IncomingMessage): boolean {
    const given = keyOf(request);
    return given !== null && (this.key === null || given === this.key);
  }
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  body: RequestBody,
  answer: Answer,
  nth: number,
): Promise<void> {
  if (isLoss(answer)) return answer.lost === 'drop' ? void request.socket.destroy() : undefined;
  if (isError(answer)) return sendError(response, answer);
  if (body.stream === true) return sendStream(response, streamEvents(body, answer, nth), answer);
  return sendWhole(response, wholeMessage(body, answer, nth), answer);
}

function sendModel(response: ServerResponse, path: string): void {
  const id = decodeURIComponent(path.slice('/v1/models/'.length));
  sendJson(response, 200, { type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' });
}

async function bodyOf(request: IncomingMessage): Promise<Partial<RequestBody> | null> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Partial<RequestBody>;
  } catch {
    return null;
  }
}
