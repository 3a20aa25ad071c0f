import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import {
  createPlanRequest,
  listPlansQuery,
  updatePlanRequest,
  type CreatePlanRequest,
  type ListPlansQuery,
  type PlanPage,
  type PlanView,
  type UpdatePlanRequest,
} from '#contracts/api/plans.js';
import type { PlanFileInput } from '#contracts/plan/plan-file.js';
import { createPlan } from '#engine/commands/create-plan.command.js';
import { deletePlan } from '#engine/commands/delete-plan.command.js';
import { updatePlan } from '#engine/commands/update-plan.command.js';
import { expectedRevision } from '#platform/http/if-match.js';
import { nextLink } from '#platform/http/next-link.js';
import { PlanExporter } from '#store/queries/plan-exporter.js';
import { PlanReader } from '#store/queries/plan-reader.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';
import { found } from '../references.js';

@WithRepeatableAnswers()
@Controller('api/plans')
export class PlansController extends CommandController {
  @Inject(PlanReader) private readonly reader!: PlanReader;
  @Inject(PlanExporter) private readonly exporter!: PlanExporter;

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
    const { id } = await createPlan(this.deps, { repository, plan, actorId: this.actorId });
    return this.references.plan(id);
  }

  @Get(':plan')
  async read(@Param('plan') reference: string): Promise<PlanView> {
    return this.references.plan(await this.references.planId(reference));
  }

  @Patch(':plan')
  async update(
    @Param('plan') reference: string,
    @Body({ schema: updatePlanRequest }) changes: UpdatePlanRequest,
    @Headers('if-match') ifMatch?: string,
  ): Promise<PlanView> {
    const planId = await this.references.planId(reference);
    const { actorId } = this;
    await updatePlan(this.deps, { planId, actorId, changes, ...expectedRevision(ifMatch) });
    return this.references.plan(planId);
  }

  @Delete(':plan')
  @HttpCode(204)
  async remove(@Param('plan') reference: string, @Headers('if-match') ifMatch?: string): Promise<void> {
    const planId = await this.references.planId(reference);
    await deletePlan(this.deps, { planId, actorId: this.actorId, ...expectedRevision(ifMatch) });
  }

  /** The plan as a plan file has it: creating from it gives the same plan. */
  @Get(':plan/export')
  async export(@Param('plan') reference: string): Promise<PlanFileInput> {
    const id = await this.references.planId(reference);
    return found(await this.exporter.export(id), 'plan', reference);
  }
}
