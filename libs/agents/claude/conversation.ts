import type { ModelBlock, ModelMessage } from '#engine/ports/llm.port.js';
import type { SessionFile, StoredMessage } from '#engine/ports/session-store.port.js';

type ToolUse = Extract<ModelBlock, { type: 'tool_use' }>;
type ToolResult = Extract<ModelBlock, { type: 'tool_result' }>;

/** Results of the newest turns stay as they are: they are what the model works on. */
const KEPT_MESSAGES = 6;
/** Shorter results are not worth a stub. */
const SHORT = 400;

/** What a model is shown of its session. */
export class Conversation {
  constructor(private readonly list: ModelMessage[] = []) {}

  get messages(): readonly ModelMessage[] {
    return this.list;
  }

  add(message: ModelMessage): void {
    this.list.push(message);
  }

  /**
   * Cuts the older half of the tool results that are still whole. What the task says, and what the model said, is never cut.
   *
   * @returns false when there is nothing left to cut
   */
  trim(): boolean {
    const old = this.list.slice(0, -KEPT_MESSAGES).flatMap(({ content }) => content.filter(isWhole));
    if (old.length === 0) return false;
    const cut = new Set<ModelBlock>(old.slice(0, Math.ceil(old.length / 2)));
    for (const [at, message] of this.list.entries()) {
      if (message.content.some((block) => cut.has(block)))
        this.list[at] = {
          ...message,
          content: message.content.map((block) => (cut.has(block) ? stub(block) : block)),
        };
    }
    return true;
  }
}

function isWhole(block: ModelBlock): boolean {
  return block.type === 'tool_result' && block.content.length > SHORT;
}

function stub(block: ModelBlock): ModelBlock {
  if (block.type !== 'tool_result') return block;
  return {
    ...block,
    content: `(${block.content.length} characters, left out here; use the tool again if you need them)`,
  };
}

export function toolUses({ content }: Pick<ModelMessage, 'content'>): ToolUse[] {
  return content.filter((block): block is ToolUse => block.type === 'tool_use');
}

/**
 * A session as it was stored, ready to be gone on with: every use of a tool has a result, and the last word is the
 * user's. Of a question the result is its answer.
 *
 * @param answer what a person said; null where nothing was asked
 * @returns the messages, and which of their end is new
 */
export function resumed(
  stored: readonly StoredMessage[],
  answer: string | null,
  note: string,
): { readonly messages: ModelMessage[]; readonly added: ModelMessage } {
  const messages = joined(stored);
  const lastSaid = messages.findLastIndex(({ role }) => role === 'assistant');
  const open = lastSaid < 0 ? [] : toolUses(messages[lastSaid] as ModelMessage);
  const given = new Set(messages.slice(lastSaid + 1).flatMap(({ content }) => content.flatMap(resultId)));
  const missing = open.filter(({ id }) => !given.has(id)).map((use) => lateResult(use, answer));
  const added: ModelMessage = { role: 'user', content: [...missing, { type: 'text', text: note }] };
  return { messages: joined([...messages, added]), added };
}

function lateResult({ id, name }: ToolUse, answer: string | null): ToolResult {
  const answers = name === 'ask_person' && answer !== null;
  const content = answers
    ? `A person answers: ${answer}`
    : 'The session was interrupted before this was done.';
  return { type: 'tool_result', toolUseId: id, content, isError: !answers };
}

function resultId(block: ModelBlock): string[] {
  return block.type === 'tool_result' ? [block.toolUseId] : [];
}

/** Neighbours of one role are one message; results of tools come first in it, as the provider wants them. */
function joined(stored: readonly StoredMessage[]): ModelMessage[] {
  const messages: ModelMessage[] = [];
  for (const { role, content: all } of stored) {
    if (role === 'note') continue;
    const content = all.filter(isOfModel);
    const last = messages.at(-1);
    if (last?.role !== role) messages.push({ role, content });
    else messages[messages.length - 1] = { role, content: resultsFirst([...last.content, ...content]) };
  }
  return messages;
}

function isOfModel(block: ModelBlock | SessionFile): block is ModelBlock {
  return block.type !== 'session_file';
}

function resultsFirst(content: readonly ModelBlock[]): ModelBlock[] {
  const results = content.filter(({ type }) => type === 'tool_result');
  return [...results, ...content.filter(({ type }) => type !== 'tool_result')];
}
