import { asApiRequest, blocksOf, type RecordedRequest, type RequestBody } from './request.js';
import type { ScriptedMessage, ScriptedUsage } from './answer.js';

const CHARACTERS_PER_TOKEN = 4;

/** Tokens of a text: a quarter of its characters, rounded up. */
export const tokensOf = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN);

/** Input tokens of a request: those of its system prompt, tools and blocks. */
export function inputTokens(body: RequestBody): number {
  const { system } = asApiRequest({ path: '', headers: {}, body } satisfies RecordedRequest);
  const tools = (body.tools ?? []).map(({ cache_control: _, ...tool }) => JSON.stringify(tool)).join('');
  const messages = body.messages.flatMap(({ content }) => blocksOf(content)).map(textForCount);
  return tokensOf(system) + tokensOf(tools) + messages.reduce((sum, text) => sum + tokensOf(text), 0);
}

/** Usage as the API says it: what the script gives, the rest counted. */
export function usageOf(body: RequestBody, message: ScriptedMessage): Required<ScriptedUsage> {
  const written = [message.thinking, message.text, message.json, message.tools]
    .filter((part) => part !== undefined)
    .map((part) => (typeof part === 'string' ? part : JSON.stringify(part)));
  return {
    input_tokens: message.usage?.input_tokens ?? inputTokens(body),
    output_tokens: message.usage?.output_tokens ?? Math.max(1, tokensOf(written.join(''))),
    cache_creation_input_tokens: message.usage?.cache_creation_input_tokens ?? 0,
    cache_read_input_tokens: message.usage?.cache_read_input_tokens ?? 0,
  };
}

function textForCount({ cache_control: _, ...block }: ReturnType<typeof blocksOf>[number]): string {
  if (block.type === 'text') return block.text ?? '';
  if (block.type === 'thinking') return block.thinking ?? '';
  return typeof block.content === 'string'
    ? block.content
    : JSON.stringify(block.content ?? block.input ?? '');
}
