import type Anthropic from '@anthropic-ai/sdk';
import type { ModelAnswer, ModelBlock, Usage } from '#engine/ports/llm.port.js';
import { BrokenStream } from './failure.js';

type StreamEvent = Anthropic.Messages.RawMessageStreamEvent;
type StopReason = Anthropic.Messages.StopReason;

/** No tokenizer writes more tokens than this for the text that it wrote. */
const CHARACTERS_PER_TOKEN = 2;

const STOPS: Readonly<Record<StopReason, ModelAnswer['stop']>> = {
  end_turn: 'end',
  stop_sequence: 'end',
  pause_turn: 'end',
  tool_use: 'tools',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'refusal',
};

interface OpenBlock {
  readonly start: Anthropic.Messages.RawContentBlockStartEvent['content_block'];
  text: string;
  signature: string;
}

/** Puts an answer together from the events of its stream, and knows at any time what it has cost. */
export class AnswerBuilder {
  private readonly blocks: ModelBlock[] = [];
  private open: OpenBlock | null = null;
  private unfinishedTool = false;
  private model = '';
  private stop: StopReason | null = null;
  private started = false;
  private whole = false;
  private received = 0;
  private input = { inputTokens: 0, cacheWriteTokens: 0, cacheReadTokens: 0 };
  private outputTokens = 0;

  /** What is billed for what came so far. How much was written the provider says at the end only: until then it is
   * judged by what arrived, rather too high than too low. */
  billed(): Usage {
    const seen = this.whole ? 0 : Math.ceil(this.received / CHARACTERS_PER_TOKEN);
    return { ...this.input, outputTokens: this.started ? Math.max(this.outputTokens, seen) : 0 };
  }

  /** Takes one event; returns the text that it brought. @throws BrokenStream */
  take(event: StreamEvent): string {
    switch (event.type) {
      case 'message_start':
        this.started = true;
        this.model = event.message.model;
        this.takeUsage(event.message.usage);
        return '';
      case 'content_block_start':
        this.open = { start: event.content_block, text: '', signature: '' };
        return '';
      case 'content_block_delta':
        return this.takeDelta(event.delta);
      case 'content_block_stop':
        this.closeBlock();
        return '';
      case 'message_delta':
        this.stop = event.delta.stop_reason;
        this.takeUsage(event.usage);
        return '';
      case 'message_stop':
        this.whole = true;
        return '';
      default:
        // Events of a kind that this program does not know say nothing that it asked for.
        return '';
    }
  }

  /** The answer, after its last event. @throws BrokenStream when it is not whole */
  finish(): ModelAnswer {
    if (!this.whole || this.stop === null) throw new BrokenStream('the answer ended before it was whole');
    const stop = STOPS[this.stop] ?? 'end';
    if (this.unfinishedTool && stop !== 'length') throw new BrokenStream('the input of a tool is no JSON');
    return { content: this.blocks, stop, usage: this.billed(), model: this.model };
  }

  private takeUsage(usage: Anthropic.Messages.Usage | Anthropic.Messages.MessageDeltaUsage): void {
    const { input } = this;
    this.input = {
      inputTokens: usage.input_tokens ?? input.inputTokens,
      cacheWriteTokens: usage.cache_creation_input_tokens ?? input.cacheWriteTokens,
      cacheReadTokens: usage.cache_read_input_tokens ?? input.cacheReadTokens,
    };
    this.outputTokens = usage.output_tokens ?? this.outputTokens;
  }

  private takeDelta(delta: Anthropic.Messages.RawContentBlockDelta): string {
    const { open } = this;
    if (open === null) throw new BrokenStream('a part of an answer came before its beginning');
    switch (delta.type) {
      case 'text_delta':
        this.append(open, delta.text);
        return delta.text;
      case 'thinking_delta':
        this.append(open, delta.thinking);
        return '';
      case 'input_json_delta':
        this.append(open, delta.partial_json);
        return '';
      case 'signature_delta':
        open.signature += delta.signature;
        return '';
      default:
        return '';
    }
  }

  private append(open: OpenBlock, text: string): void {
    open.text += text;
    this.received += text.length;
  }

  private closeBlock(): void {
    const { open } = this;
    this.open = null;
    if (open === null) return;
    const { start } = open;
    switch (start.type) {
      case 'text':
        this.blocks.push({ type: 'text', text: start.text + open.text });
        break;
      case 'thinking':
        this.closeThinking(start.thinking + open.text, start.signature + open.signature);
        break;
      case 'redacted_thinking':
        this.blocks.push({ type: 'redacted_thinking', data: start.data });
        break;
      case 'tool_use':
        this.closeTool(start, open.text);
        break;
      default:
        // Tools of the provider's own are never offered.
        break;
    }
  }

  /** Thinking that the limit cut off has no signature: no conversation may bring it back. */
  private closeThinking(thinking: string, signature: string): void {
    if (signature !== '') this.blocks.push({ type: 'thinking', thinking, signature });
  }

  /** A use that the limit cut off is no use: nobody could run it. */
  private closeTool(start: Anthropic.Messages.ToolUseBlock, json: string): void {
    try {
      const input: unknown = json === '' ? start.input : JSON.parse(json);
      this.blocks.push({ type: 'tool_use', id: start.id, name: start.name, input });
    } catch {
      this.unfinishedTool = true;
    }
  }
}
