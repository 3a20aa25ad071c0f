import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { noBody, optionalBody } from '#contracts/api/edit.js';
import {
  archivePlanRequest,
  noteRequest,
  pausePlanRequest,
  resumePlanRequest,
  type ArchivePlanRequest,
  type NoteRequest,
  type PausePlanRequest,
  type PlanView,
  type ResumePlanRequest,
} from '#contracts/api/plans.js';
import { archivePlan } from '#engine/commands/archive-plan.command.js';
import { cancelPlan } from '#engine/commands/cancel-plan.command.js';
import { pausePlan } from '#engine/commands/pause-plan.command.js';
import { resumePlan } from '#engine/commands/resume-plan.command.js';
import { startPlan } from '#engine/commands/start-plan.command.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';

/** Steps of a whole plan: accepted now, carried out by the workers. */
@WithRepeatableAnswers()
@Controller('api/plans/:plan')
export class PlanStepsController extends CommandController {
  @Post('execute')
  @HttpCode(202)
  async execute(
    @Param('plan') reference: string,
    @Body({ schema: noBody }) _body: object,
  ): Promise<PlanView> {
    const planId = await this.references.planId(reference);
    await startPlan(this.deps, { planId, actorId: this.actorId });
    return this.references.plan(planId);
  }

  @Post('pause')
  @HttpCode(202)
  async pause(
    @Param('plan') reference: string,
    @Body({ schema: optionalBody(pausePlanRequest) }) body: PausePlanRequest,
  ): Promise<PlanView> {
    const planId = await this.references.planId(reference);
    await pausePlan(this.deps, { planId, actorId: this.actorId, ...body });
    return this.references.plan(planId);
  }

  @Post('resume')
  @HttpCode(202)
  async resume(
    @Param('plan') reference: string,
    @Body({ schema: optionalBody(resumePlanRequest) }) body: ResumePlanRequest,
  ): Promise<PlanView> {
    const planId = await this.references.planId(reference);
    await resumePlan(this.deps, { planId, actorId: this.actorId, ...body });
    return this.references.plan(planId);
  }

  @Post('archive')
  @HttpCode(202)
  async archive(
    @Param('plan') reference: string,
    @Body({ schema: optionalBody(archivePlanRequest) }) body: ArchivePlanRequest,
  ): Promise<PlanView> {
    const planId = await this.references.planId(reference);
    await archivePlan(this.deps, { planId, actorId: this.actorId, ...body });
    return this.references.plan(planId);
  }

  @Post('cancel')
  @HttpCode(202)
  async cancel(
    @Param('plan') reference: string,
    @Body({ schema: optionalBody(noteRequest) }) body: NoteRequest,
  ): Promise<PlanView> {
    const planId = await this.references.planId(reference);
    await cancelPlan(this.deps, { planId, actorId: this.actorId, ...body });
    return this.references.plan(planId);
  }
}
