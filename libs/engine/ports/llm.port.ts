/** The roles in which a model works; each may have a model of its own. */
export const MODEL_ROLES = ['planner', 'reviewer', 'executor'] as const;
export type ModelRole = (typeof MODEL_ROLES)[number];

/** Tokens as the provider bills them; the four classes do not overlap. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheWriteTokens: number;
  readonly cacheReadTokens: number;
}

/** How hard a model thinks, where it can be told. */
export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof EFFORTS)[number];

export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its input: an object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

export type ModelBlock =
  | { readonly type: 'text'; readonly text: string }
  /** Kept for the provider, byte for byte: it refuses a conversation whose thinking was changed. */
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown }
  | {
      readonly type: 'tool_result';
      readonly toolUseId: string;
      readonly content: string;
      readonly isError: boolean;
    };

export interface ModelMessage {
  readonly role: 'user' | 'assistant';
  readonly content: readonly ModelBlock[];
}

export interface ModelCall {
  readonly model: string;
  readonly effort: Effort | null;
  readonly system: string;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ToolDefinition[];
  /** Output is JSON of this schema; null: free text and tools. */
  readonly outputSchema: Readonly<Record<string, unknown>> | null;
  readonly maxOutputTokens: number;
  readonly signal: AbortSignal;
  /** Text as it comes. What a broken stream brought is brought again by the next one: `restarted` says so. */
  readonly onText?: (text: string) => void;
  readonly onRestart?: (reason: string) => void;
  /**
   * What the call has cost so far, as soon as it is known, broken-off tries included: who aborts a call is given no
   * answer and no failure, and has paid nevertheless.
   */
  readonly onBilled?: (billed: Usage) => void;
}

export interface ModelAnswer {
  readonly content: readonly ModelBlock[];
  /** `end`: it said what it had to. `tools`: it waits for results. `length`: cut off by the limit of the call. */
  readonly stop: 'end' | 'tools' | 'length' | 'refusal';
  /** What the whole call has cost: tries that broke off before this answer are in it. */
  readonly usage: Usage;
  /** As the provider names it. */
  readonly model: string;
}

/**
 * Why a call gave nothing, after every retry inside it.
 *
 * - `quota`: a usage limit; `retryAt` says until when, where the provider said it
 * - `unavailable`: overloaded, unreachable or broken off again and again
 * - `rejected`: the request itself is wrong: a key, a model, a size
 * - `unconfigured`: there is no key
 */
export type ModelFailureKind = 'quota' | 'unavailable' | 'rejected' | 'unconfigured';

export class ModelFailure extends Error {
  /**
   * @param billed what calls that broke off have cost nevertheless
   * @param retryAt when it is worth another try; null: unknown
   */
  constructor(
    readonly kind: ModelFailureKind,
    message: string,
    readonly billed: Usage,
    readonly retryAt: Date | null = null,
  ) {
    super(message);
    this.name = 'ModelFailure';
  }
}

export interface LlmPort {
  /**
   * One call, retried inside with backoff where that may help.
   *
   * @throws ModelFailure; the signal's reason when it is aborted
   */
  call(call: ModelCall): Promise<ModelAnswer>;
  /** Input tokens that a call would have. @throws ModelFailure */
  count(call: Omit<ModelCall, 'maxOutputTokens' | 'onText' | 'onRestart' | 'onBilled'>): Promise<number>;
}
