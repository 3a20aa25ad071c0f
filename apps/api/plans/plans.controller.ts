import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import {
  createPlanRequest,
  listPlansQuery,
  type CreatePlanRequest,
  type IterationList,
  type ListPlansQuery,
  type PlanPage,
  type PlanView,
} from '#contracts/api/plans.js';
import { createPlan } from '#engine/commands/create-plan.command.js';
import { nextLink } from '#platform/http/next-link.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { PlanReader } from '#store/queries/plan-reader.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { References } from '../references.js';
import { OWNER_ID } from '../tokens.js';

@WithRepeatableAnswers()
@Controller('api/plans')
export class PlansController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(PlanReader) private readonly reader: PlanReader,
    @Inject(References) private readonly references: References,
    @Inject(OWNER_ID) private readonly actorId: string,
  ) {}

  @Get()
  async list(
    @Query({ schema: listPlansQuery }) query: ListPlansQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlanPage> {
    const page = await this.reader.plans(query);
    if (page.nextCursor !== null) reply.header('link', nextLink('/api/plans', query, page.nextCursor));
    return page;
  }

  @Post()
  async create(@Body({ schema: createPlanRequest }) body: CreatePlanRequest): Promise<PlanView> {
    const plan = body.planYaml === undefined ? { value: body.plan } : { yaml: body.planYaml };
    const { repository } = body;
    const { id } = await createPlan(this.runtime.deps, { repository, plan, actorId: this.actorId });
    return this.references.plan(id);
  }

  @Get(':plan')
  async read(@Param('plan') reference: string): Promise<PlanView> {
    return this.references.plan(await this.references.planId(reference));
  }

  @Get(':plan/iterations')
  async iterations(@Param('plan') reference: string): Promise<IterationList> {
    return { items: await this.reader.iterations(await this.references.planId(reference)) };
  }
}
