import { z } from 'zod';

const SECONDS = { s: 1, m: 60, h: 3_600 } as const;

/** `90s`, `5m`, `1h`; 1 s to so many hours. Gives seconds. */
function durationUpTo(hours: number) {
  return z
    .string()
    .regex(/^[1-9][0-9]{0,6}(s|m|h)$/, 'must be a number with s, m or h, such as 90s')
    .transform((value) => Number(value.slice(0, -1)) * SECONDS[value.slice(-1) as keyof typeof SECONDS])
    .refine((seconds) => seconds <= hours * 3_600, `must be at most ${hours}h`);
}

/** How long something may run. */
export const duration = durationUpTo(24);
/** How long a plan may wait for something. */
export const waitingTime = durationUpTo(720);
