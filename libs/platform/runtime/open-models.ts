import { ANTHROPIC_DEFAULTS } from '#agents/anthropic/anthropic-config.js';
import { createAnthropic } from '#agents/anthropic/anthropic.js';
import type { LlmPort } from '#engine/ports/llm.port.js';
import type { ModelSettings } from '../config/model-settings.js';
import { systemClock } from './system-clock.js';
import { systemIds } from './system-ids.js';

/** The models that the settings name, with the machine's clock and chance. */
export function openModels({ apiKey, baseUrl }: Pick<ModelSettings, 'apiKey' | 'baseUrl'>): LlmPort {
  return createAnthropic({
    ...ANTHROPIC_DEFAULTS,
    apiKey,
    baseUrl,
    clock: systemClock,
    now: () => new Date(),
    random: () => systemIds.random(),
  });
}
