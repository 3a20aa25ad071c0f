import { z } from 'zod';
import { WORK_ITEM_STATUSES } from '#domain/assignments/work-item.js';
import { CLEAN, isClean } from '../text.js';
import { pageQuery } from './page.js';
import { repositoryOrigin } from './repositories.js';

/** `POST /api/work-items` */
export const createWorkItemRequest = z.strictObject({
  /** A path or a git URL; one that nobody registered yet is. */
  repository: repositoryOrigin,
  title: z.string().trim().min(1).max(500).refine(isClean, CLEAN),
  description: z.string().max(50_000).refine(isClean, CLEAN).default(''),
});
export type CreateWorkItemRequest = z.output<typeof createWorkItemRequest>;

/** `POST /api/work-items/:item/close` */
export const closeWorkItemRequest = z.strictObject({ as: z.enum(['done', 'cancelled']) });
export type CloseWorkItemRequest = z.output<typeof closeWorkItemRequest>;

export const workItemView = z.object({
  id: z.uuid(),
  /** Commands name it by this, after a `w`. */
  number: z.int(),
  repository: z.object({ id: z.uuid(), name: z.string() }),
  title: z.string(),
  description: z.string(),
  status: z.enum(WORK_ITEM_STATUSES),
  /** Whose it is. */
  assignedTo: z.string().nullable(),
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
});
export type WorkItemView = z.output<typeof workItemView>;

/** `GET /api/work-items?…` */
export const workItemsQuery = z.strictObject({
  status: z.enum(WORK_ITEM_STATUSES).optional().describe('Only those in this status.'),
  ...pageQuery,
});
export type WorkItemsQuery = z.output<typeof workItemsQuery>;

export const workItemPage = z.object({
  /** The latest first. */
  items: z.array(workItemView),
  nextCursor: z.string().nullable(),
});
export type WorkItemPage = z.output<typeof workItemPage>;
