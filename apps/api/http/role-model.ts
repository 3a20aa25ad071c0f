import { DomainError } from '#domain/domain-error.js';
import type { Effort, ModelRole } from '#engine/ports/llm.port.js';
import type { ModelSettings } from '#platform/config/model-settings.js';

/**
 * The model of a role where a request names none.
 *
 * @throws DomainError `unavailable` where nobody has a key
 */
export function roleModel(
  { key, models, effort }: ModelSettings,
  role: ModelRole,
): { readonly model: string; readonly effort: Effort | null } {
  if (key !== 'absent') return { model: models[role], effort };
  throw new DomainError('unavailable', `Planwright has no key for models, so there is no ${role}.`, {
    remedy: 'Start it again with one: export ANTHROPIC_API_KEY=… && npm start',
  });
}
