import { createHash } from 'node:crypto';
import type { ScriptedMessage } from './answer.js';
import type { RequestBody } from './request.js';
import { usageOf } from './tokens.js';

export interface SentBlock {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface StreamEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The signature of thinking, so that a change of it is seen when it comes back. */
export const signatureOf = (thinking: string): string => `sig_${digest(thinking)}`;

/** The blocks of an answer: thinking, text, tools. */
export function sentBlocks(message: ScriptedMessage, seed: string): SentBlock[] {
  const { thinking, redactedThinking, json, tools = [] } = message;
  const signature = message.signature ?? signatureOf(thinking ?? '');
  const text = json === undefined ? message.text : JSON.stringify(json);
  return [
    ...(thinking === undefined ? [] : [{ type: 'thinking', thinking, signature }]),
    ...(redactedThinking === undefined ? [] : [{ type: 'redacted_thinking', data: redactedThinking }]),
    ...(text === undefined || text === '' ? [] : [{ type: 'text', text, citations: null }]),
    ...tools.map(({ name, input, id, raw }, index) => ({
      type: 'tool_use',
      id: id ?? `toolu_${digest(`${seed} ${index} ${name}`)}`,
      name,
      input,
      caller: { type: 'direct' },
      ...(raw === undefined ? {} : { raw }),
    })),
  ];
}

/** The whole answer in JSON. */
export function wholeMessage(body: RequestBody, message: ScriptedMessage, nth: number): SentBlock {
  const seed = `${nth} ${JSON.stringify(body.messages)}`;
  return {
    ...envelope(body, seed),
    content: sentBlocks(message, seed),
    stop_reason: stopReason(message),
    usage: billed(usageOf(body, message)),
  };
}

/** The same answer as the events of a stream. */
export function streamEvents(body: RequestBody, message: ScriptedMessage, nth: number): StreamEvent[] {
  const seed = `${nth} ${JSON.stringify(body.messages)}`;
  const usage = usageOf(body, message);
  const chunk = message.delivery?.chunk ?? 20;
  return [
    {
      type: 'message_start',
      message: { ...envelope(body, seed), usage: billed({ ...usage, output_tokens: 1 }) },
    },
    { type: 'ping' },
    ...sentBlocks(message, seed).flatMap((block, index) => blockEvents(block, index, chunk)),
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason(message), stop_sequence: null, stop_details: null, container: null },
      usage: { ...usage, output_tokens_details: null, server_tool_use: null },
    },
    { type: 'message_stop' },
  ];
}

function envelope({ model }: RequestBody, seed: string) {
  return {
    id: `msg_${digest(seed)}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [] as SentBlock[],
    stop_reason: null as string | null,
    stop_sequence: null,
    stop_details: null,
    container: null,
  };
}

function billed(usage: ReturnType<typeof usageOf>) {
  return { ...usage, cache_creation: null, service_tier: 'standard', server_tool_use: null };
}

function stopReason({ stop, tools = [] }: ScriptedMessage): string {
  return stop ?? (tools.length > 0 ? 'tool_use' : 'end_turn');
}

function blockEvents(block: SentBlock, index: number, chunk: number): StreamEvent[] {
  const { start, deltas } = parts(block, chunk);
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function parts(block: SentBlock, chunk: number): { start: SentBlock; deltas: object[] } {
  switch (block.type) {
    case 'text':
      return {
        start: { ...block, text: '' },
        deltas: pieces(String(block['text']), chunk).map((text) => ({ type: 'text_delta', text })),
      };
    case 'thinking':
      return {
        start: { type: 'thinking', thinking: '', signature: '' },
        deltas: [
          ...pieces(String(block['thinking']), chunk).map((thinking) => ({
            type: 'thinking_delta',
            thinking,
          })),
          { type: 'signature_delta', signature: block['signature'] },
        ],
      };
    case 'tool_use': {
      const { raw, ...start } = block;
      return {
        start: { ...start, type: 'tool_use', input: {} },
        // The API begins with an empty piece.
        deltas: ['', ...pieces(String(raw ?? JSON.stringify(block['input'] ?? {})), chunk)].map(
          (partial_json) => ({
            type: 'input_json_delta',
            partial_json,
          }),
        ),
      };
    }
    default:
      return { start: block, deltas: [] };
  }
}

function pieces(text: string, size: number): string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24);
