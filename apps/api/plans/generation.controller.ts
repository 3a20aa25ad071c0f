import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import {
  generateAgainRequest,
  generatePlanRequest,
  type GenerateAgainRequest,
  type GeneratePlanRequest,
} from '#contracts/api/iterations.js';
import type { PlanView } from '#contracts/api/plans.js';
import { generateAgain, generatePlan } from '#engine/commands/generate-plan.command.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import type { PlannerModel } from '#engine/commands/generate-plan.command.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';
import { roleModel } from '../http/role-model.js';

/** Plans that a model writes. */
@WithRepeatableAnswers()
@Controller('api/plans')
export class GenerationController extends CommandController {
  @Inject(RUNTIME) private readonly runtime!: Runtime;

  @Post('generate')
  @HttpCode(202)
  async generate(@Body({ schema: generatePlanRequest }) body: GeneratePlanRequest): Promise<PlanView> {
    const { id } = await generatePlan(this.deps, this.planner, { ...body, actorId: this.actorId });
    return this.references.plan(id);
  }

  @Post(':plan/generate')
  @HttpCode(202)
  async again(
    @Param('plan') reference: string,
    @Body({ schema: generateAgainRequest }) body: GenerateAgainRequest,
  ): Promise<PlanView> {
    const planId = await this.references.planId(reference);
    await generateAgain(this.deps, this.planner, { ...body, planId, actorId: this.actorId });
    return this.references.plan(planId);
  }

  private get planner(): PlannerModel {
    return roleModel(this.runtime.config.models, 'planner');
  }
}
