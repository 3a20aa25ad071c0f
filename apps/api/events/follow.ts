import type { MessageEvent } from '@nestjs/common';
import { Observable } from 'rxjs';
import type { PlanEventView } from '#contracts/api/plans.js';
import type { EventFeed } from '#store/queries/event-feed.js';
import type { PlanReader } from '#store/queries/plan-reader.js';

const PAGE = 200;
/** Looks by itself at this pace, should a notification be lost. */
const LOOK_MS = 2_000;

/** All events of a plan above a cursor, then each new one as it comes, without gap or repetition. */
export function followPlan(
  reader: PlanReader,
  feed: EventFeed,
  planId: string,
  after: number,
): Observable<MessageEvent> {
  return new Observable((subscriber) => {
    let cursor = after;
    let reading = false;
    let wokenMeanwhile = false;
    const read = async (): Promise<void> => {
      if (reading) {
        wokenMeanwhile = true;
        return;
      }
      reading = true;
      try {
        do {
          wokenMeanwhile = false;
          const events = await reader.events(planId, cursor, PAGE);
          for (const event of events) subscriber.next(toMessage(event));
          cursor = events.at(-1)?.seq ?? cursor;
          wokenMeanwhile ||= events.length === PAGE;
        } while (wokenMeanwhile && !subscriber.closed);
      } catch {
        // The database is away: the next look finds what this one missed.
      } finally {
        reading = false;
      }
    };
    const unfollow = feed.follow(planId, () => void read());
    const timer = setInterval(() => void read(), LOOK_MS);
    void read();
    return () => {
      unfollow();
      clearInterval(timer);
    };
  });
}

function toMessage(event: PlanEventView): MessageEvent {
  return { id: String(event.seq), type: event.type, data: event };
}
