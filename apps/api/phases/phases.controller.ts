import { Body, Controller, Delete, Headers, HttpCode, Inject, Param, Patch, Post } from '@nestjs/common';
import {
  createPhaseRequest,
  updatePhaseRequest,
  type CreatePhaseRequest,
  type UpdatePhaseRequest,
} from '#contracts/api/phases.js';
import type { PlanView } from '#contracts/api/plans.js';
import { addPhase } from '#engine/commands/add-phase.command.js';
import { deletePhase } from '#engine/commands/delete-phase.command.js';
import { updatePhase } from '#engine/commands/update-phase.command.js';
import { expectedRevision } from '#platform/http/if-match.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { References } from '../references.js';
import { OWNER_ID } from '../tokens.js';

@WithRepeatableAnswers()
@Controller('api/phases')
export class PhasesController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(References) private readonly references: References,
    @Inject(OWNER_ID) private readonly actorId: string,
  ) {}

  @Post()
  async create(
    @Body({ schema: createPhaseRequest }) { planId: reference, ...fields }: CreatePhaseRequest,
    @Headers('if-match') ifMatch?: string,
  ): Promise<PlanView> {
    const planId = await this.references.planId(reference);
    const { actorId } = this;
    const phase = { ...fields, concurrency: fields.concurrency ?? null };
    await addPhase(this.runtime.deps, { planId, actorId, phase, ...expectedRevision(ifMatch) });
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
    await updatePhase(this.runtime.deps, { ...place, actorId, changes, ...expectedRevision(ifMatch) });
    return this.references.plan(place.planId);
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Param('id') id: string, @Headers('if-match') ifMatch?: string): Promise<void> {
    const place = await this.references.phase(id);
    await deletePhase(this.runtime.deps, {
      ...place,
      actorId: this.actorId,
      ...expectedRevision(ifMatch),
    });
  }
}
