import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { PlanView } from '#contracts/api/plans.js';
import {
  previewRewindQuery,
  rewindPlanRequest,
  type PreviewRewindQuery,
  type RewindPlanRequest,
  type RewindPreviewView,
} from '#contracts/api/rewind.js';
import {
  createCheckpointRequest,
  listSnapshotsQuery,
  type CreateCheckpointRequest,
  type ListSnapshotsQuery,
  type SnapshotPage,
  type SnapshotView,
} from '#contracts/api/snapshots.js';
import { createCheckpoint } from '#engine/commands/create-checkpoint.command.js';
import { previewRewind, rewindPlan } from '#engine/commands/rewind-plan.command.js';
import { nextLink } from '#platform/http/next-link.js';
import { SnapshotReader } from '#store/queries/snapshot-reader.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';
import { found } from '../references.js';
import { rewindView } from './rewind-view.js';

/** Snapshots of a plan, and the way back to them. */
@WithRepeatableAnswers()
@Controller('api/plans/:plan')
export class PlanSnapshotsController extends CommandController {
  @Inject(SnapshotReader) private readonly snapshots!: SnapshotReader;

  @Get('snapshots')
  async list(
    @Param('plan') reference: string,
    @Query({ schema: listSnapshotsQuery }) query: ListSnapshotsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SnapshotPage> {
    const page = await this.snapshots.page(await this.references.planId(reference), query);
    const path = `/api/plans/${reference}/snapshots`;
    if (page.nextCursor !== null) reply.header('link', nextLink(path, query, page.nextCursor));
    return page;
  }

  @Post('checkpoints')
  async checkpoint(
    @Param('plan') reference: string,
    @Body({ schema: createCheckpointRequest }) { name, task }: CreateCheckpointRequest,
  ): Promise<SnapshotView> {
    const planId = await this.references.planId(reference);
    const id = await createCheckpoint(this.deps, { planId, actorId: this.actorId, name, task });
    return found(await this.snapshots.snapshot(id), 'snapshot', id);
  }

  @Get('rewind')
  async preview(
    @Param('plan') reference: string,
    @Query({ schema: previewRewindQuery }) { to, keepIndependent }: PreviewRewindQuery,
  ): Promise<RewindPreviewView> {
    const planId = await this.references.planId(reference);
    const question = { planId, to, keepIndependent: keepIndependent === 'true' };
    const seen = await previewRewind(this.deps, question);
    return rewindView(await this.references.plan(planId), seen);
  }

  @Post('rewind')
  @HttpCode(202)
  async rewind(
    @Param('plan') reference: string,
    @Body({ schema: rewindPlanRequest }) { to, preview, keepIndependent = false }: RewindPlanRequest,
  ): Promise<PlanView> {
    const planId = await this.references.planId(reference);
    const { actorId } = this;
    await rewindPlan(this.deps, { planId, actorId, to, preview, keepIndependent });
    return this.references.plan(planId);
  }
}
