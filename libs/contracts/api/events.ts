import { z } from 'zod';
import { planEventView } from './plans.js';

/** An event in the stream across plans. */
export const feedEventView = planEventView.extend({
  planId: z.uuid(),
  /** The number of the plan. */
  plan: z.int(),
});
export type FeedEventView = z.output<typeof feedEventView>;

/** Query of an event stream: for whoever cannot send a header. `Last-Event-ID` wins. */
export const eventsQuery = z.strictObject({
  after: z.string().max(100).optional().describe('The id of the last event that was seen.'),
});
export type EventsQuery = z.output<typeof eventsQuery>;
