import { z } from 'zod';

/** How untrusted processes are held on this machine. */
export const sandboxView = z.strictObject({
  mode: z.enum(['required', 'auto', 'off']),
  /** What runs are held by. */
  isolation: z.enum(['bubblewrap', 'off']),
  /** Whether the sandbox works here; false also when it is switched off. */
  available: z.boolean(),
  why: z.string(),
  /** The command or step that mends it. */
  remedy: z.string().nullable(),
});

export const health = z.strictObject({ status: z.literal('ok'), sandbox: sandboxView });
export type Health = z.infer<typeof health>;
