import { Body, Controller, Delete, Headers, HttpCode, Param, Patch, Post } from '@nestjs/common';
import {
  createPhaseRequest,
  rejectPhaseRequest,
  updatePhaseRequest,
  type CreatePhaseRequest,
  type RejectPhaseRequest,
  type UpdatePhaseRequest,
} from '#contracts/api/phases.js';
import { noBody } from '#contracts/api/edit.js';
import type { PlanView } from '#contracts/api/plans.js';
import { addPhase } from '#engine/commands/add-phase.command.js';
import { approvePhase, rejectPhase } from '#engine/commands/answer-phase.js';
import { deletePhase } from '#engine/commands/delete-phase.command.js';
import { updatePhase } from '#engine/commands/update-phase.command.js';
import { expectedRevision } from '#platform/http/if-match.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';

@WithRepeatableAnswers()
@Controller('api/phases')
export class PhasesController extends CommandController {
  @Post()
  async create(
    @Body({ schema: createPhaseRequest }) { planId: reference, ...fields }: CreatePhaseRequest,
    @Headers('if-match') ifMatch?: string,
  ): Promise<PlanView> {
    const planId = await this.references.planId(reference);
    const { actorId } = this;
    const phase = { ...fields, concurrency: fields.concurrency ?? null };
    await addPhase(this.deps, { planId, actorId, phase, ...expectedRevision(ifMatch) });
    return this.references.plan(planId);
  }

  @Patch(':id')
  async update(
    @Param('id') id: string,
    @Body({ schema: updatePhaseRequest }) changes: UpdatePhaseRequest,
    @Headers('if-match') ifMatch?: string,
  ): Promise<PlanView> {
    const place = await this.references.phase(id);
    const { actorId } = this;
    await updatePhase(this.deps, { ...place, actorId, changes, ...expectedRevision(ifMatch) });
    return this.references.plan(place.planId);
  }

  @Post(':id/approve')
  @HttpCode(202)
  async approve(@Param('id') id: string, @Body({ schema: noBody }) _body: object): Promise<PlanView> {
    const place = await this.references.phase(id);
    await approvePhase(this.deps, { ...place, actorId: this.actorId });
    return this.references.plan(place.planId);
  }

  @Post(':id/reject')
  @HttpCode(202)
  async reject(
    @Param('id') id: string,
    @Body({ schema: rejectPhaseRequest }) body: RejectPhaseRequest,
  ): Promise<PlanView> {
    const place = await this.references.phase(id);
    await rejectPhase(this.deps, { ...place, actorId: this.actorId, ...body });
    return this.references.plan(place.planId);
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Param('id') id: string, @Headers('if-match') ifMatch?: string): Promise<void> {
    const place = await this.references.phase(id);
    await deletePhase(this.deps, {
      ...place,
      actorId: this.actorId,
      ...expectedRevision(ifMatch),
    });
  }
}
