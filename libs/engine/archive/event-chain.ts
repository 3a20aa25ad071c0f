import type { ArchivedEvent } from '#contracts/archive/manifest.js';
import { canonicalHash } from '../canonical.js';

/** What an event's hash covers: the event, and by `prevHash` everything before it. */
export function eventHash(planId: string, event: Omit<ArchivedEvent, 'hash'>): string {
  const { seq, type, payload, actorId, at, prevHash } = event;
  return canonicalHash({ planId, seq, type, payload, actorId, at, prevHash });
}

export interface BrokenLink {
  /** Position in the list, from 0. */
  readonly index: number;
  readonly message: string;
}

/** Every event that is not as it was written, that is missing, or that does not follow the one before it. */
export function brokenLinks(planId: string, events: readonly ArchivedEvent[]): BrokenLink[] {
  const broken: BrokenLink[] = [];
  let before = '';
  events.forEach((event, index) => {
    const seq = index + 1;
    if (event.seq !== seq) broken.push({ index, message: `event ${seq} is missing; ${event.seq} follows` });
    else if (event.prevHash !== before)
      broken.push({ index, message: `event ${seq} does not follow the one before it` });
    else if (eventHash(planId, event) !== event.hash)
      broken.push({ index, message: `event ${seq} is not as it was written` });
    before = event.hash;
  });
  return broken;
}
