import { z } from 'zod';

/** A plan as people and programs name it: its number, its id, the beginning or the end of its id, or `latest`. */
export const planReference = z
  .string()
  .regex(/^([1-9][0-9]{0,8}|[0-9a-fA-F-]{4,36}|latest)$/, 'must be the number of a plan or its id');
