import { z } from 'zod';

/** An edit that changes nothing is a mistake of whoever sent it. */
export const hasChanges = [
  (body: object): boolean => Object.values(body).some((value) => value !== undefined),
  { message: 'names nothing to change' },
] as const;

/** For requests that say enough without a body. */
export function optionalBody<T extends z.ZodType>(schema: T) {
  return z.preprocess((body) => body ?? {}, schema);
}

/** The body of what needs none: anything in it would be ignored. */
export const noBody = optionalBody(z.strictObject({}));
