import { z } from 'zod';
import { PATTERN_KINDS } from '#domain/patterns/rank.js';
import { CLEAN, isClean } from '../text.js';

const text = (max: number) => z.string().trim().min(1).max(max).refine(isClean, CLEAN);

/** `GET /api/repositories/:id/analogous?…` */
export const analogousQuery = z.strictObject({
  kind: z.enum(PATTERN_KINDS),
  like: text(300).describe(
    'What the new one will be called: POST /api/users, createUser, async createUser(name, email), UserCard.',
  ),
  near: text(1_000).optional().describe('The file or folder that it will lie in.'),
  ref: text(300).optional().describe('A branch, tag or commit of the origin; its current branch by default.'),
  limit: z.coerce.number().int().min(1).max(50).default(5).describe('How many items at most.'),
});
export type AnalogousRequest = z.output<typeof analogousQuery>;

export const analogousView = z.object({
  /** That was looked at. */
  commit: z.string(),
  /** The most alike first. */
  items: z.array(
    z.object({
      /** Of a route: its method and path. */
      name: z.string(),
      file: z.string(),
      startLine: z.int(),
      endLine: z.int(),
      signature: z.string(),
      /** Its first lines; 40 at most. */
      snippet: z.string(),
      /** Whether the snippet is all of it. */
      whole: z.boolean(),
      /** 0 to 1; 0.8 and more for the very same name only. */
      score: z.number(),
    }),
  ),
});
export type AnalogousView = z.output<typeof analogousView>;
