import { z } from 'zod';

/** Query of every list. The cursor is opaque: it comes from the `Link` header or `nextCursor` of the page before. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(50).describe('How many items at most.'),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,200}$/, 'is not a cursor of this API')
    .optional()
    .describe('Where to go on: the cursor of the page before.'),
};
