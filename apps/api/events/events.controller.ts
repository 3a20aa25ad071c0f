import { Controller, Get, Headers, Inject, Param, Query } from '@nestjs/common';
import { eventsQuery, type EventsQuery } from '#contracts/api/events.js';
import { EventFeed } from '#store/queries/event-feed.js';
import { PlanReader } from '#store/queries/plan-reader.js';
import { References } from '../references.js';
import { allEvents, planEvents } from './event-sources.js';
import { follow } from './follow.js';

/** Server-sent events; they resume above `Last-Event-ID`, or above `?after=` for who cannot send a header. */
@Controller('api')
export class EventsController {
  constructor(
    @Inject(PlanReader) private readonly reader: PlanReader,
    @Inject(EventFeed) private readonly feed: EventFeed,
    @Inject(References) private readonly references: References,
  ) {}

  @Get('events')
  ofAll(
    @Query({ schema: eventsQuery }) { after }: EventsQuery,
    @Headers('last-event-id') lastEventId?: string,
  ): Response {
    return follow(allEvents(this.reader, this.feed), lastEventId ?? after);
  }

  @Get('plans/:plan/events')
  async ofPlan(
    @Param('plan') reference: string,
    @Query({ schema: eventsQuery }) { after }: EventsQuery,
    @Headers('last-event-id') lastEventId?: string,
  ): Promise<Response> {
    const planId = await this.references.planId(reference);
    return follow(planEvents(this.reader, this.feed, planId), lastEventId ?? after);
  }
}
