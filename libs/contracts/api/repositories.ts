import { z } from 'zod';
import { CLEAN, isClean } from '../text.js';

const URL_LIKE = /^([a-z][a-z0-9+.-]*:\/\/|[^/\s]+@[^/\s:]+:)/i;

/** A local path or a git URL. A path must not depend on where the server runs; a secret has no place in a plan. */
export const repositoryOrigin = z
  .string()
  .trim()
  .min(1)
  .max(2_000)
  .refine(isClean, CLEAN)
  .refine((value) => value.startsWith('/') || URL_LIKE.test(value), {
    message: 'must be an absolute path or a git URL',
  })
  .refine((value) => !/^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]*@/i.test(value), {
    message: 'must not contain a password: it would be stored and shown; use SSH',
  });

/** `POST /api/repositories` */
export const registerRepositoryRequest = z.strictObject({ origin: repositoryOrigin });
export type RegisterRepositoryRequest = z.output<typeof registerRepositoryRequest>;

/** `PATCH /api/repositories/:id` */
export const updateRepositoryRequest = z.strictObject({
  /** Tasks of all its plans that may be active at once; null: no limit. */
  maxTasks: z.int().min(1).max(10_000).nullable(),
});
export type UpdateRepositoryRequest = z.output<typeof updateRepositoryRequest>;

export const repositoryView = z.object({
  id: z.uuid(),
  name: z.string(),
  origin: z.string(),
  maxTasks: z.int().nullable(),
  createdAt: z.iso.datetime(),
});
export type RepositoryView = z.output<typeof repositoryView>;

export const repositoryList = z.object({ items: z.array(repositoryView) });
export type RepositoryList = z.output<typeof repositoryList>;
