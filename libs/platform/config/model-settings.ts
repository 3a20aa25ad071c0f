import { z } from 'zod';
import { EFFORTS, MODEL_ROLES, type Effort, type ModelRole } from '#engine/ports/llm.port.js';

const model = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,99}$/, 'must be the name of a model');

/** How the environment names the models that Planwright itself calls, and what opens them. */
export const modelVariables = {
  ANTHROPIC_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{8,500}$/, 'must be 8 to 500 visible characters')
    .optional(),
  /** Where the Messages API answers, if not at Anthropic. */
  ANTHROPIC_BASE_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
  PLANWRIGHT_MODEL: model.default('claude-opus-5-5'),
  PLANWRIGHT_MODEL_PLANNER: model.optional(),
  PLANWRIGHT_MODEL_REVIEWER: model.optional(),
  PLANWRIGHT_MODEL_EXECUTOR: model.optional(),
  PLANWRIGHT_EFFORT: z.enum(EFFORTS).optional(),
};

type Variables = z.output<z.ZodObject<typeof modelVariables>>;

export interface ModelSettings {
  /** Null: no model can be called. */
  readonly apiKey: string | null;
  readonly baseUrl: string | null;
  /** What each role uses where nothing else is said. */
  readonly models: { readonly [R in ModelRole]: string };
  readonly effort: Effort | null;
}

/** The settings behind variables that were read. */
export function modelSettings(data: Variables): ModelSettings {
  const chosen = { planner: 'PLANNER', reviewer: 'REVIEWER', executor: 'EXECUTOR' } as const;
  const models = MODEL_ROLES.map((role) => [
    role,
    data[`PLANWRIGHT_MODEL_${chosen[role]}`] ?? data.PLANWRIGHT_MODEL,
  ]);
  return {
    apiKey: data.ANTHROPIC_API_KEY ?? null,
    baseUrl: data.ANTHROPIC_BASE_URL ?? null,
    models: Object.fromEntries(models) as ModelSettings['models'],
    effort: data.PLANWRIGHT_EFFORT ?? null,
  };
}
