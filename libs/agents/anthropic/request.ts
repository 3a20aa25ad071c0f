import type Anthropic from '@anthropic-ai/sdk';
import type { LlmPort, ModelBlock, ModelCall, ModelMessage } from '#engine/ports/llm.port.js';

type Counted = Parameters<LlmPort['count']>[0];
type Block = Anthropic.Messages.ContentBlockParam;

/** Blocks that may bear a cache breakpoint. */
type Cacheable = Anthropic.Messages.TextBlockParam | Anthropic.Messages.ToolResultBlockParam;

const BREAKPOINT = { type: 'ephemeral' } as const;
/** Breakpoints in messages: with those of the tools and of the system prompt the four that a request may have. */
const MESSAGE_BREAKPOINTS = 2;

/** A call as the body of a streamed request. */
export function streamRequest(call: ModelCall): Anthropic.Messages.MessageCreateParamsStreaming {
  return { ...countRequest(call), max_tokens: call.maxOutputTokens, stream: true };
}

/**
 * A call as the body of a count.
 *
 * `thinking` is never sent: every model then does what is best for it, and none refuses.
 */
export function countRequest(call: Counted): Anthropic.Messages.MessageCountTokensParams {
  const { model, effort, system, outputSchema, tools } = call;
  const format =
    outputSchema === null ? null : ({ type: 'json_schema', schema: { ...outputSchema } } as const);
  const output = { ...(effort === null ? {} : { effort }), ...(format === null ? {} : { format }) };
  return {
    model,
    ...(system === '' ? {} : { system: [{ type: 'text', text: system, cache_control: BREAKPOINT }] }),
    messages: messagesOf(call),
    ...(tools.length === 0 ? {} : { tools: toolsOf(call) }),
    ...(Object.keys(output).length === 0 ? {} : { output_config: output }),
  };
}

function toolsOf({ tools }: Counted): Anthropic.Messages.Tool[] {
  return tools.map(({ name, description, inputSchema }, index) => ({
    name,
    description,
    input_schema: { ...inputSchema, type: 'object' },
    ...(index === tools.length - 1 ? { cache_control: BREAKPOINT } : {}),
  }));
}

function messagesOf({ messages, tools }: Counted): Anthropic.Messages.MessageParam[] {
  const params = messages
    .map(({ role, content }: ModelMessage) => ({ role, content: content.flatMap(blockOf) }))
    .filter(({ content }) => content.length > 0);
  // Only a conversation with tools surely goes on: elsewhere nobody would read what was paid to be cached.
  if (tools.length > 0) markStable(params);
  return params;
}

/** The end of the newest message, where the next call reads on, and that of the one before, which this call reads. */
function markStable(messages: readonly { role: string; content: Block[] }[]): void {
  const users = messages.filter(({ role }) => role === 'user').slice(-MESSAGE_BREAKPOINTS);
  for (const { content } of users) {
    const last = content.findLast(isCacheable);
    if (last !== undefined) last.cache_control = BREAKPOINT;
  }
}

const isCacheable = (block: Block): block is Cacheable =>
  block.type === 'text' || block.type === 'tool_result';

/** The provider refuses text that is empty. */
function blockOf(block: ModelBlock): Block[] {
  switch (block.type) {
    case 'text':
      return block.text === '' ? [] : [{ type: 'text', text: block.text }];
    case 'thinking':
      return [{ type: 'thinking', thinking: block.thinking, signature: block.signature }];
    case 'redacted_thinking':
      return [{ type: 'redacted_thinking', data: block.data }];
    case 'tool_use':
      return [{ type: 'tool_use', id: block.id, name: block.name, input: block.input }];
    case 'tool_result':
      return [
        {
          type: 'tool_result',
          tool_use_id: block.toolUseId,
          content: block.content,
          ...(block.isError ? { is_error: true } : {}),
        },
      ];
  }
}
