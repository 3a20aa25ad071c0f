import {
  ModelFailure,
  type LlmPort,
  type ModelAnswer,
  type ModelCall,
  type Usage,
} from '#engine/ports/llm.port.js';
import type { SpendPlace, SpendPort } from '#engine/ports/spend.port.js';
import type { Conversation } from './conversation.js';
import { LimitReached } from './session-errors.js';

export interface PaidCallsConfig {
  readonly llm: LlmPort;
  readonly spend: SpendPort;
  /** A conversation that is counted as more is trimmed. */
  readonly contextTokens: number;
  /** What one answer may be. */
  readonly outputTokens: number;
}

type Asked = Omit<ModelCall, 'messages' | 'maxOutputTokens' | 'onBilled'>;

/** Below this an answer would be cut off before it says anything. */
const LEAST_OUTPUT = 256;

/** Calls of one attempt: each is counted, set money aside for, made, and settled by what it cost. */
export class PaidCalls {
  /** Tokens of all calls so far. */
  used = 0;

  constructor(
    private readonly config: PaidCallsConfig,
    private readonly place: SpendPlace,
    /** Tokens of all calls together; null: no limit but money. */
    private readonly limit: number | null,
  ) {}

  /** @throws ModelFailure, BudgetExceeded, LimitReached, Fenced, or the signal's reason */
  async call(asked: Asked, conversation: Conversation): Promise<ModelAnswer> {
    const inputTokens = await this.count(asked, conversation);
    const maxOutputTokens = this.room(inputTokens);
    const { llm, spend } = this.config;
    const { model } = asked;
    const reservation = await spend.reserve(this.place, { model, inputTokens, maxOutputTokens });
    let billed: Usage | null = null;
    try {
      const answer = await llm.call({
        ...asked,
        model: reservation.model,
        messages: conversation.messages,
        maxOutputTokens: reservation.maxOutputTokens,
        onBilled: (usage) => (billed = usage),
      });
      billed = answer.usage;
      return answer;
    } catch (error) {
      if (error instanceof ModelFailure) billed = error.billed;
      throw error;
    } finally {
      // What nobody can tell the cost of has cost all that was set aside for it.
      if (billed !== null) {
        this.used += tokensOf(billed);
        await spend.settle(reservation, billed);
      }
    }
  }

  /** Input tokens of the next call, once what is old has been cut where that is needed. */
  private async count(asked: Asked, conversation: Conversation): Promise<number> {
    const { model, effort, system, tools, outputSchema, signal } = asked;
    for (;;) {
      const { messages } = conversation;
      const counted = await this.config.llm.count({
        model,
        effort,
        system,
        tools,
        outputSchema,
        signal,
        messages,
      });
      if (counted <= this.config.contextTokens || !conversation.trim()) return counted;
    }
  }

  private room(inputTokens: number): number {
    const { outputTokens } = this.config;
    if (this.limit === null) return outputTokens;
    const left = this.limit - this.used - inputTokens;
    if (left < LEAST_OUTPUT)
      throw new LimitReached(
        `its limit of ${this.limit} tokens: ${this.used} are used, and the next call has ${inputTokens}`,
      );
    return Math.min(outputTokens, left);
  }
}

function tokensOf({ inputTokens, outputTokens, cacheWriteTokens, cacheReadTokens }: Usage): number {
  return inputTokens + outputTokens + cacheWriteTokens + cacheReadTokens;
}
