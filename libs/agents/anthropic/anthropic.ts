import { NO_USAGE } from '#engine/model/usage.js';
import { ModelFailure, type LlmPort } from '#engine/ports/llm.port.js';
import type { AnthropicConfig } from './anthropic-config.js';

/**
 * Models by the Anthropic Messages API. The SDK is loaded with the first call: it takes a quarter of a second, which
 * services that ask no model need not spend.
 */
export function createAnthropic(config: AnthropicConfig): LlmPort {
  const { apiKey } = config;
  if (apiKey === null) return unconfigured;
  let connected: Promise<LlmPort> | null = null;
  const connect = () =>
    (connected ??= import('./connection.js').then(({ connect }) => connect(config, apiKey)));
  return {
    call: async (call) => (await connect()).call(call),
    count: async (call) => (await connect()).count(call),
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
