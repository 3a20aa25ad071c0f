import { z } from 'zod';
import { duration } from './duration.js';

/** How a plan file has a model of Anthropic's work on a task. */

/** How hard it thinks. */
export const CLAUDE_EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;

const model = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,99}$/, 'must be the name of a model, such as claude-opus-5-5');

const rung = z.strictObject({ model: model.optional(), effort: z.enum(CLAUDE_EFFORTS).optional() });

const DEFAULT_TURNS = 60;
const DEFAULT_TIMEOUT = 1_800;

/** Everything has a default: `claude: {}`. */
export const claudeShape = z.strictObject({
  /** The installation's, when absent. */
  model: model.optional(),
  effort: z.enum(CLAUDE_EFFORTS).optional(),
  /** What the first attempt, the second, … uses instead; the last rung stays. */
  ladder: z.array(rung).min(1).max(20).optional(),
  /** Answers of the model that one attempt may take. */
  turns: z.int().min(1).max(1_000).default(DEFAULT_TURNS),
  /** Tokens of all calls of one attempt together, those read from the cache included; no limit when absent. */
  tokens: z.int().min(1_000).max(1_000_000_000).optional(),
  timeout: duration.default(DEFAULT_TIMEOUT),
});

export const CLAUDE_KEYS = Object.keys(claudeShape.shape);
export const RUNG_KEYS = Object.keys(rung.shape);

export type ClaudeFile = z.output<typeof claudeShape>;
