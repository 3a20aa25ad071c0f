import { ANTHROPIC_DEFAULTS, createAnthropic } from '#agents/anthropic/anthropic.js';
import { redact } from '#domain/redact.js';
import type { LlmPort } from '#engine/ports/llm.port.js';
import type { Config } from '../config/config.js';
import { systemClock } from './system-clock.js';

/** The models that a service may call; without a key every call says so. */
export function openModels({ model }: Config): LlmPort {
  return createAnthropic({
    ...ANTHROPIC_DEFAULTS,
    apiKey: model.apiKey,
    baseUrl: model.baseUrl,
    clock: systemClock,
    now: () => new Date(),
    random: Math.random,
  });
}

/** Takes out of a text what this service knows as secret, and what looks like a secret. */
export function redactor({ model, workerToken, databaseUrl, queue }: Config): (text: string) => string {
  const secrets = [model.apiKey, workerToken, databaseUrl, queue.url];
  return (text) => redact(text, secrets);
}
