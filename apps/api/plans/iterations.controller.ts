import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import {
  listIterationsQuery,
  type IterationDetail,
  type IterationPage,
  type ListIterationsQuery,
} from '#contracts/api/iterations.js';
import { nextLink } from '#platform/http/next-link.js';
import { IterationReader } from '#store/queries/iteration-reader.js';
import { found, References } from '../references.js';

/** The history of plans as wholes. */
@Controller('api/plans/:plan/iterations')
export class IterationsController {
  constructor(
    @Inject(References) private readonly references: References,
    @Inject(IterationReader) private readonly reader: IterationReader,
  ) {}

  @Get()
  async list(
    @Param('plan') reference: string,
    @Query({ schema: listIterationsQuery }) query: ListIterationsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IterationPage> {
    const page = await this.reader.iterations(await this.references.planId(reference), query);
    const path = `/api/plans/${encodeURIComponent(reference)}/iterations`;
    if (page.nextCursor !== null) reply.header('link', nextLink(path, query, page.nextCursor));
    return page;
  }

  @Get(':number')
  async read(@Param('plan') reference: string, @Param('number') number: string): Promise<IterationDetail> {
    const planId = await this.references.planId(reference);
    const known = /^[1-9]\d{0,8}$/.test(number);
    return found(known ? await this.reader.iteration(planId, Number(number)) : null, 'iteration', number);
  }
}
