import type { MessageEvent } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { Observable } from 'rxjs';

/** Where the events of a stream come from. */
export interface EventSource<C> {
  /** The cursor before every event. */
  readonly first: C;
  /** Reads the cursor that a client sends. @throws DomainError `invalid` */
  parse(text: string): C;
  /** The events above a cursor, in order, at most `limit`, each with the cursor after it. */
  read(after: C, limit: number): Promise<readonly { readonly cursor: C; readonly message: MessageEvent }[]>;
  /** Calls `wake` when there may be more. @returns the way to stop */
  onMore(wake: () => void): () => void;
}

const PAGE = 200;
/** What comes within this time is read at once: a plan of short tasks has an event every millisecond. */
const TOGETHER_MS = 20;
/** Looks by itself at this pace, should a notification be lost. */
const LOOK_MS = 2_000;
/** Tells whoever waits, and what is between, that the stream lives. */
const HEARTBEAT_MS = 15_000;

/**
 * All events above a cursor, then each new one as it comes, without gap or repetition.
 *
 * @throws DomainError `invalid` when the cursor is none of this stream
 */
export function follow<C>(source: EventSource<C>, after: string | undefined): Observable<MessageEvent> {
  const start = after === undefined ? source.first : source.parse(after);
  return new Observable((subscriber) => {
    let cursor = start;
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
          const events = await source.read(cursor, PAGE);
          for (const { message } of events) subscriber.next(message);
          cursor = events.at(-1)?.cursor ?? cursor;
          wokenMeanwhile ||= events.length === PAGE;
          if (events.length > 0 && events.length < PAGE) await sleep(TOGETHER_MS);
        } while (wokenMeanwhile && !subscriber.closed);
      } catch {
        // The database is away: the next look finds what this one missed.
      } finally {
        reading = false;
      }
    };
    const stop = source.onMore(() => void read());
    const look = setInterval(() => void read(), LOOK_MS);
    const heartbeat = setInterval(() => subscriber.next({ comment: 'alive' }), HEARTBEAT_MS);
    void read();
    return () => {
      stop();
      clearInterval(look);
      clearInterval(heartbeat);
    };
  });
}
