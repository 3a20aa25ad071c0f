import Anthropic from '@anthropic-ai/sdk';
import type { Clock } from '#engine/ports/clock.port.js';
import { ModelFailure, type LlmPort, type ModelCall, type Usage } from '#engine/ports/llm.port.js';
import { addUsage, NO_USAGE } from '#engine/model/usage.js';
import { judge, type Judging, type Verdict } from './failure.js';
import { tryOnce, TryFailed, type AnthropicTimeouts } from './one-try.js';
import { countRequest } from './request.js';

const DEFAULT_BASE_URL = 'https://api.anthropic.com';

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

/** Models by the Anthropic Messages API. Tries again itself: the SDK's own retries cannot tell what they cost. */
export function createAnthropic(config: AnthropicConfig): LlmPort {
  if (config.apiKey === null) return unconfigured;
  const client = clientOf(config, config.apiKey);
  return {
    call: async (call) => {
      const calling = new Calling(config, call, call.onRestart);
      const onBilled = (billed: Usage) => call.onBilled?.(addUsage(calling.billed, billed));
      const answer = await calling.run(() => tryOnce(client, call, config.timeouts, onBilled));
      return { ...answer, usage: addUsage(calling.billed, answer.usage) };
    },
    count: (call) =>
      new Calling(config, call).run(async () => {
        const { signal } = call;
        const options = { signal, timeout: config.timeouts.firstByteMs };
        return (await client.messages.countTokens(countRequest(call), options)).input_tokens;
      }),
  };
}

const unconfigured: LlmPort = { call: refuseWithoutKey, count: refuseWithoutKey };

async function refuseWithoutKey(): Promise<never> {
  throw new ModelFailure(
    'unconfigured',
    'There is no key for models: set ANTHROPIC_API_KEY where Planwright is started (export ANTHROPIC_API_KEY=…) and start it again.',
    NO_USAGE,
  );
}

function clientOf({ baseUrl }: AnthropicConfig, apiKey: string): Anthropic {
  return new Anthropic({
    apiKey,
    baseURL: baseUrl ?? DEFAULT_BASE_URL,
    maxRetries: 0,
    // It would write requests, with what they hold, to the output of the service.
    logLevel: 'off',
    openTelemetry: false,
  });
}

type Retry = Extract<Verdict, { retry: true }>;

/** One call through all its tries. */
class Calling {
  /** What the tries that failed have cost. */
  billed: Usage = NO_USAGE;

  constructor(
    private readonly config: AnthropicConfig,
    private readonly call: Pick<ModelCall, 'model' | 'signal'>,
    private readonly onRestart: ModelCall['onRestart'] = undefined,
  ) {}

  async run<T>(send: () => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried += 1) {
      this.call.signal.throwIfAborted();
      try {
        return await send();
      } catch (error) {
        this.call.signal.throwIfAborted();
        if (error instanceof TryFailed) this.billed = addUsage(this.billed, error.billed);
        const verdict = judge(error instanceof TryFailed ? error.cause : error, this.judging());
        if (verdict === null) throw error instanceof TryFailed ? error.cause : error;
        if (!verdict.retry)
          throw new ModelFailure(verdict.kind, verdict.message, this.billed, verdict.retryAt);
        await this.beforeNext(verdict, tried);
      }
    }
  }

  private async beforeNext(verdict: Retry, tried: number): Promise<void> {
    const { retry, clock } = this.config;
    if (tried >= retry.tries) throw this.exhausted(verdict, tried);
    this.onRestart?.(verdict.message);
    await clock.sleep(verdict.waitMs ?? this.backoff(tried), this.call.signal);
  }

  private exhausted({ kind, message, waitMs }: Retry, tried: number): ModelFailure {
    const retryAt = waitMs === null ? null : new Date(this.config.now().getTime() + waitMs);
    return new ModelFailure(kind, `${message} It was tried ${tried} times.`, this.billed, retryAt);
  }

  /** Half of it is chance, so that those who failed together do not come back together. */
  private backoff(tried: number): number {
    const { retry, random } = this.config;
    const full = Math.min(retry.maxDelayMs, retry.baseDelayMs * 2 ** (tried - 1));
    return (full * (1 + random())) / 2;
  }

  private judging(): Judging {
    const { apiKey, baseUrl, retry, now } = this.config;
    const host = new URL(baseUrl ?? DEFAULT_BASE_URL).host;
    return { model: this.call.model, host, key: apiKey, maxWaitMs: retry.maxWaitMs, now };
  }
}
