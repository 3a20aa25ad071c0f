import { DomainError } from '#domain/domain-error.js';
import type { EventFeed } from '#store/queries/event-feed.js';
import type { FeedCursor, PlanReader } from '#store/queries/plan-reader.js';
import type { EventSource } from './follow.js';

/** The events of one plan: the cursor is their number in the plan. */
export function planEvents(reader: PlanReader, feed: EventFeed, planId: string): EventSource<number> {
  return {
    first: 0,
    parse: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : refuse(text)),
    read: async (after, limit) => {
      const events = await reader.events(planId, after, limit);
      return events.map((event) => ({
        cursor: event.seq,
        id: String(event.seq),
        type: event.type,
        data: event,
      }));
    },
    onMore: (wake) => feed.follow(planId, wake),
  };
}

/** The events of all plans: the cursor is their transaction and their number in the table. */
export function allEvents(reader: PlanReader, feed: EventFeed): EventSource<FeedCursor> {
  return {
    first: { txid: 0n, id: 0n },
    parse: (text) => {
      const [, txid, id] = /^(\d{1,18})-(\d{1,18})$/.exec(text) ?? [];
      return txid === undefined || id === undefined ? refuse(text) : { txid: BigInt(txid), id: BigInt(id) };
    },
    read: async (after, limit) => {
      const events = await reader.feed(after, limit);
      return events.map(({ cursor, event }) => ({
        cursor,
        id: `${cursor.txid}-${cursor.id}`,
        type: event.type,
        data: event,
      }));
    },
    onMore: (wake) => feed.followAll(wake),
  };
}

function refuse(text: string): never {
  throw new DomainError('invalid', `Event id ${JSON.stringify(text)} is none that this stream gave.`, {
    remedy: 'Send the id of an event of this stream, or none to begin with the first.',
  });
}
