import { z } from 'zod';
import { phaseFileSchema } from '../plan/plan-file.js';
import { hasChanges } from './edit.js';
import { note } from './plans.js';
import { planReference } from './references.js';

const { name, description, mode, approval, atEnd, concurrency, successCriteria } = phaseFileSchema.shape;
/** 1-based place among the phases of the plan, or the tasks of the phase. */
export const position = z.int().min(1).max(10_000);

/** `POST /api/phases`: a phase without tasks, at the end unless a position is named. */
export const createPhaseRequest = z.strictObject({
  planId: planReference,
  name,
  description,
  mode,
  approval,
  atEnd,
  concurrency,
  successCriteria,
  position: position.optional(),
});
export type CreatePhaseRequest = z.output<typeof createPhaseRequest>;

/** `PATCH /api/phases/:id`: what is absent stays; a position moves it. */
export const updatePhaseRequest = z
  .strictObject({
    name: name.optional(),
    description: description.unwrap().optional(),
    mode: mode.optional(),
    approval,
    atEnd: atEnd.unwrap().optional(),
    /** Null takes it away. */
    concurrency: concurrency.nullable(),
    successCriteria: successCriteria.unwrap().optional(),
    position: position.optional(),
  })
  .refine(...hasChanges);
export type UpdatePhaseRequest = z.output<typeof updatePhaseRequest>;

/** `POST /api/phases/:id/reject` */
export const rejectPhaseRequest = z.strictObject({ note });
export type RejectPhaseRequest = z.output<typeof rejectPhaseRequest>;
