import type { Clock } from '#engine/ports/clock.port.js';

/** How long silence is borne. */
export interface AnthropicTimeouts {
  /** Until an answer begins. */
  readonly firstByteMs: number;
  /** Between two parts of it; the provider's pings count. */
  readonly idleMs: number;
}

/** When a call that failed is sent again. */
export interface RetryPolicy {
  /** All tries of one call, the first included. */
  readonly tries: number;
  /** The first wait where the provider names none; it doubles with every try. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** A longer wait that the provider asks for is left to the caller. */
  readonly maxWaitMs: number;
}

export interface AnthropicConfig {
  readonly apiKey: string | null;
  /** Where the Messages API answers; null: at Anthropic. */
  readonly baseUrl: string | null;
  readonly timeouts: AnthropicTimeouts;
  readonly retry: RetryPolicy;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly now: () => Date;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
}

/** What holds where nothing else is asked for. */
export const ANTHROPIC_DEFAULTS = {
  timeouts: { firstByteMs: 300_000, idleMs: 120_000 },
  retry: { tries: 6, baseDelayMs: 1_000, maxDelayMs: 30_000, maxWaitMs: 60_000 },
} as const satisfies Pick<AnthropicConfig, 'timeouts' | 'retry'>;
