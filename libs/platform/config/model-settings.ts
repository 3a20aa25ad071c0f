import { z } from 'zod';
import type { ModelRole } from '#engine/ports/llm.port.js';

/** The models of roles for which nothing is set. A reviewer of another model sees what the writer's kind overlooks. */
const DEFAULTS: Readonly<Record<ModelRole, string>> = {
  planner: 'claude-opus-5-5',
  reviewer: 'claude-sonnet-5-5',
  executor: 'claude-opus-5-5',
};

const model = z.string().trim().regex(/^\S*$/, 'must be the id of a model, e.g. claude-opus-5-5').default('');

/** How the environment names the models and the key to them. */
export const modelVariables = {
  /** Checked here, since a header can hold no other characters; no message repeats it. */
  ANTHROPIC_API_KEY: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]*$/, 'must be a key of visible characters, without spaces')
    .default(''),
  ANTHROPIC_BASE_URL: z
    .string()
    .trim()
    .refine((url) => url === '' || isHttp(url), 'must be an http or https address without a name or password')
    .default(''),
  /** Says of a process without a key that the workers have one. */
  PLANWRIGHT_MODEL_KEY: z.enum(['', 'workers'], 'must be workers, or not be set').default(''),
  PLANWRIGHT_MODEL: model,
  PLANWRIGHT_MODEL_PLANNER: model,
  PLANWRIGHT_MODEL_REVIEWER: model,
  PLANWRIGHT_MODEL_EXECUTOR: model,
};

const schema = z.object(modelVariables);

export interface ModelSettings {
  /** Where the key is: in this process, in the workers, or nowhere. */
  readonly key: 'here' | 'workers' | 'absent';
  /** A secret: it goes to the Messages API and nowhere else. */
  readonly apiKey: string | null;
  /** Where the Messages API answers; null: at Anthropic. */
  readonly baseUrl: string | null;
  readonly models: Readonly<Record<ModelRole, string>>;
}

/** The settings behind variables that were read. */
export function modelSettings(data: z.infer<typeof schema>): ModelSettings {
  const { ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: url, PLANWRIGHT_MODEL: all } = data;
  return {
    key: key !== '' ? 'here' : data.PLANWRIGHT_MODEL_KEY === 'workers' ? 'workers' : 'absent',
    apiKey: key === '' ? null : key,
    baseUrl: url === '' ? null : url,
    models: {
      planner: data.PLANWRIGHT_MODEL_PLANNER || all || DEFAULTS.planner,
      reviewer: data.PLANWRIGHT_MODEL_REVIEWER || all || DEFAULTS.reviewer,
      executor: data.PLANWRIGHT_MODEL_EXECUTOR || all || DEFAULTS.executor,
    },
  };
}

/** Reads them alone, for programs that are no service. @throws Error that names each variable that is wrong, never its value */
export function readModelSettings(env: NodeJS.ProcessEnv = process.env): ModelSettings {
  const parsed = schema.safeParse(env);
  if (parsed.success) return modelSettings(parsed.data);
  const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The models cannot be set up:\n${lines.join('\n')}`);
}

/**
 * What the environment of a service that calls no model differs in from the one given: it has nothing of the provider's,
 * and is told whether others have a key.
 */
export function withoutModelKey(
  env: NodeJS.ProcessEnv,
  othersHaveIt: boolean,
): Record<string, string | undefined> {
  const names = Object.keys(env).filter((name) => name.startsWith('ANTHROPIC_'));
  const told = othersHaveIt && (env['ANTHROPIC_API_KEY'] ?? '').trim() !== '';
  return {
    ...Object.fromEntries(names.map((name) => [name, undefined])),
    ...(told ? { PLANWRIGHT_MODEL_KEY: 'workers' } : {}),
  };
}

function isHttp(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && username === '' && password === '';
}
