import { z } from 'zod';
import { signalName } from '../plan/executor-file.js';
import { CLEAN, isCleanJson } from '../text.js';

const MAX_CHARACTERS = 65_536;

/** `POST /api/plans/:plan/signals`: an event from outside that tasks may wait for. */
export const sendSignalRequest = z.strictObject({
  name: signalName,
  /** Anything about it, as JSON; kept and shown. */
  data: z
    .unknown()
    .refine(isCleanJson, CLEAN)
    .refine(
      (value) => (JSON.stringify(value) ?? '').length <= MAX_CHARACTERS,
      'must be at most 64 KB of JSON',
    )
    .optional(),
});
export type SendSignalRequest = z.output<typeof sendSignalRequest>;

/** A signal as it was first sent. */
export const signalView = z.object({
  name: z.string(),
  data: z.unknown(),
  actor: z.string(),
  createdAt: z.iso.datetime(),
});
export type SignalView = z.output<typeof signalView>;
