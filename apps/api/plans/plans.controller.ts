import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  ParseIntPipe,
  Post,
  Query,
  Sse,
  type MessageEvent,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { createPlanRequest, type CreatePlanRequest, type PlanView } from '#contracts/api/plans.js';
import { DomainError } from '#domain/domain-error.js';
import { approveTask } from '#engine/commands/approve-task.command.js';
import { createPlan } from '#engine/commands/create-plan.command.js';
import { startPlan } from '#engine/commands/start-plan.command.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { EventFeed } from '#store/queries/event-feed.js';
import { PlanReader } from '#store/queries/plan-reader.js';
import { OWNER_ID } from '../tokens.js';
import { followPlan } from './plan-events.js';

const LIST_LIMIT = 100;

@Controller('api/plans')
export class PlansController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(PlanReader) private readonly reader: PlanReader,
    @Inject(EventFeed) private readonly feed: EventFeed,
    @Inject(OWNER_ID) private readonly ownerId: string,
  ) {}

  @Get()
  async list(): Promise<{ items: Omit<PlanView, 'phases'>[] }> {
    return { items: await this.reader.plans(LIST_LIMIT) };
  }

  @Post()
  async create(@Body({ schema: createPlanRequest }) body: CreatePlanRequest): Promise<PlanView> {
    const plan = body.planYaml === undefined ? { value: body.plan } : { yaml: body.planYaml };
    const created = await createPlan(this.runtime.deps, {
      repository: body.repository,
      plan,
      actorId: this.ownerId,
    });
    return this.view(created.id);
  }

  @Get(':plan')
  async read(@Param('plan') reference: string): Promise<PlanView> {
    return this.view(await this.find(reference));
  }

  @Post(':plan/execute')
  @HttpCode(202)
  async execute(@Param('plan') reference: string): Promise<PlanView> {
    const planId = await this.find(reference);
    await startPlan(this.runtime.deps, { planId, actorId: this.ownerId });
    return this.view(planId);
  }

  @Post(':plan/tasks/:number/approve')
  @HttpCode(202)
  async approve(
    @Param('plan') reference: string,
    @Param('number', ParseIntPipe) taskNumber: number,
  ): Promise<PlanView> {
    const planId = await this.find(reference);
    await approveTask(this.runtime.deps, { planId, taskNumber, actorId: this.ownerId });
    return this.view(planId);
  }

  /** Server-sent events; resumes above `Last-Event-ID`, or above `?after=` on the first request. */
  @Sse(':plan/events')
  async events(
    @Param('plan') reference: string,
    @Headers('last-event-id') lastEventId?: string,
    @Query('after') after?: string,
  ): Promise<Observable<MessageEvent>> {
    const planId = await this.find(reference);
    return followPlan(this.reader, this.feed, planId, cursor(lastEventId ?? after));
  }

  private async find(reference: string): Promise<string> {
    const id = await this.reader.planId(reference);
    if (id === null) throw new DomainError('not_found', `There is no plan ${JSON.stringify(reference)}.`);
    return id;
  }

  private async view(id: string): Promise<PlanView> {
    const plan = await this.reader.plan(id);
    if (plan === null) throw new DomainError('not_found', `There is no plan ${id}.`);
    return plan;
  }
}

function cursor(text: string | undefined): number {
  if (text === undefined) return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new DomainError('invalid', `Event id ${JSON.stringify(text)} is not a number.`);
}
