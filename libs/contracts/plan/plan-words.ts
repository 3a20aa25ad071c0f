import { z } from 'zod';
import { globProblem } from '#domain/spec/glob.js';

/** Words that plans and profiles are written in. */

export const glob = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .superRefine((value, context) => {
    const problem = globProblem(value);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  });

export const key = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and dashes, at most 63');

/** What somebody has to be able to do: `typescript`. */
export const capability = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'must be the name of a capability: lower-case letters, digits and dashes, at most 63',
  );
