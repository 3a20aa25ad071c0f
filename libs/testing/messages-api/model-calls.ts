import type { AnthropicConfig } from '#agents/anthropic/anthropic.js';
import type { ModelCall, ModelMessage } from '#engine/ports/llm.port.js';
import { systemClock } from '#platform/runtime/system-clock.js';

/** The key of tests: of the form of a real one, so that what looks for keys finds it. */
export const TEST_KEY = 'sk-ant-api03-scripted-0123456789abcdef';

/** A provider's settings for tests: it waits for milliseconds, and never by chance. */
export function anthropicFor(
  api: { readonly url: string },
  more: Partial<AnthropicConfig> = {},
): AnthropicConfig {
  return {
    apiKey: TEST_KEY,
    baseUrl: api.url,
    timeouts: { firstByteMs: 10_000, idleMs: 10_000 },
    retry: { tries: 3, baseDelayMs: 1, maxDelayMs: 4, maxWaitMs: 60_000 },
    clock: systemClock,
    now: () => new Date(),
    random: () => 0.5,
    ...more,
  };
}

/** A message of the user's. */
export const userSays = (text: string): ModelMessage => ({ role: 'user', content: [{ type: 'text', text }] });

/** A call with one message. */
export function modelCall(text: string, more: Partial<ModelCall> = {}): ModelCall {
  return {
    model: 'claude-opus-5-5',
    effort: null,
    system: 'You are tested.',
    messages: [userSays(text)],
    tools: [],
    outputSchema: null,
    maxOutputTokens: 1_000,
    signal: new AbortController().signal,
    ...more,
  };
}
