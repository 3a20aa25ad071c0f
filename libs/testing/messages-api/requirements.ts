import { signatureOf } from './message.js';
import { blocksOf, type ContentBlock, type RequestBody, type RequestMessage } from './request.js';

const MAX_BREAKPOINTS = 4;
/** Constraints that structured outputs do not have. */
const REFUSED_KEYWORDS = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'oneOf',
  'patternProperties',
  'propertyNames',
];

/** What the API refuses in a request; null: nothing. */
export function refusalOf(body: Partial<RequestBody> | null, counting: boolean): string | null {
  if (body === null || typeof body !== 'object') return 'The request body is not valid JSON';
  if (typeof body.model !== 'string' || body.model === '') return 'model: Field required';
  if (!Array.isArray(body.messages) || body.messages.length === 0)
    return 'messages: at least one message is required';
  if (!counting && !(Number.isInteger(body.max_tokens) && Number(body.max_tokens) > 0))
    return 'max_tokens: Field required';
  const messages: readonly RequestMessage[] = body.messages;
  if (messages[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  if (messages.at(-1)?.role !== 'user')
    return 'This model does not support assistant message prefill. The conversation must end with a user message.';
  const format = body.output_config?.format;
  return (
    blockRefusal(messages) ??
    unansweredTool(messages) ??
    tooManyBreakpoints(body) ??
    (format === undefined || format === null
      ? null
      : schemaRefusal(format.schema, 'output_config.format.schema'))
  );
}

function blockRefusal(messages: readonly RequestMessage[]): string | null {
  for (const [index, { content }] of messages.entries()) {
    const blocks = blocksOf(content);
    if (blocks.length === 0) return `messages.${index}: content must not be empty`;
    for (const block of blocks) {
      if (block.type === 'text' && block.text === '')
        return `messages.${index}: text content blocks must be non-empty`;
      if (block.type !== 'thinking') continue;
      if (block.cache_control !== undefined)
        return `messages.${index}: thinking blocks cannot have cache_control`;
      if (block.signature !== signatureOf(block.thinking ?? ''))
        return `messages.${index}: \`thinking\` or \`redacted_thinking\` blocks in the latest assistant message cannot be modified`;
    }
  }
  return null;
}

/** Every use of a tool is answered in the next message, and nothing else is. */
function unansweredTool(messages: readonly RequestMessage[]): string | null {
  const ids = (message: RequestMessage | undefined, type: string, id: (block: ContentBlock) => unknown) =>
    new Set(
      blocksOf(message?.content ?? [])
        .filter((block) => block.type === type)
        .map(id),
    );
  for (const [index, message] of messages.entries()) {
    const results = ids(message, 'tool_result', (block) => block.tool_use_id);
    const uses = ids(messages[index - 1], 'tool_use', (block) => block.id);
    for (const id of uses)
      if (!results.has(id))
        return `messages.${index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${String(id)}`;
    for (const id of results)
      if (!uses.has(id))
        return `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${String(id)}`;
  }
  return null;
}

function tooManyBreakpoints(body: Partial<RequestBody>): string | null {
  const count = JSON.stringify(body).split('"cache_control":{').length - 1;
  return count > MAX_BREAKPOINTS
    ? `A maximum of ${MAX_BREAKPOINTS} blocks with cache_control may be provided. Found ${count}.`
    : null;
}

function schemaRefusal(schema: unknown, at: string): string | null {
  if (schema === null || typeof schema !== 'object') return null;
  const node = schema as Readonly<Record<string, unknown>>;
  const keyword = REFUSED_KEYWORDS.find((name) => name in node);
  if (keyword !== undefined) return `${at}: property '${keyword}' is not supported`;
  if (node['type'] === 'object' && node['additionalProperties'] !== false)
    return `${at}: For 'object' type, 'additionalProperties' must be explicitly set to false`;
  const below = (name: string) => Object.entries((node[name] ?? {}) as Readonly<Record<string, unknown>>);
  const children = [
    ...below('properties'),
    ...below('$defs'),
    ...below('anyOf'),
    ...below('allOf'),
    ['items', node['items']] as const,
  ];
  for (const [name, child] of children) {
    const refusal = schemaRefusal(child, `${at}.${name}`);
    if (refusal !== null) return refusal;
  }
  return null;
}
