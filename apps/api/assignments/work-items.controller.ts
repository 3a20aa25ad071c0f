import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import {
  assignRequest,
  handOverItemRequest,
  type AssignmentHistory,
  type AssignRequest,
  type HandOverItemRequest,
} from '#contracts/api/assignments.js';
import { noBody } from '#contracts/api/edit.js';
import {
  closeWorkItemRequest,
  createWorkItemRequest,
  workItemsQuery,
  type CloseWorkItemRequest,
  type CreateWorkItemRequest,
  type WorkItemPage,
  type WorkItemsQuery,
  type WorkItemView,
} from '#contracts/api/work-items.js';
import type { WorkItemStep } from '#domain/assignments/work-item.js';
import { createWorkItem } from '#engine/commands/create-work-item.command.js';
import { registerRepository } from '#engine/commands/register-repository.command.js';
import { stepWorkItem } from '#engine/commands/step-work-item.command.js';
import { nextLink } from '#platform/http/next-link.js';
import { AssignmentReader } from '#store/queries/assignment-reader.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';
import { found } from '../references.js';
import { toAssignee } from './assignee.js';

/** Work that is no task of a plan. */
@WithRepeatableAnswers()
@Controller('api/work-items')
export class WorkItemsController extends CommandController {
  @Inject(AssignmentReader) private readonly reader!: AssignmentReader;

  @Post()
  async create(
    @Body({ schema: createWorkItemRequest }) { repository, ...item }: CreateWorkItemRequest,
  ): Promise<WorkItemView> {
    const { actorId } = this;
    const wanted = { origin: repository, actorId, field: 'repository' };
    const { id: repositoryId } = await registerRepository(this.deps, wanted);
    return this.item(await createWorkItem(this.deps, { ...item, repositoryId, actorId }));
  }

  @Get()
  async list(
    @Query({ schema: workItemsQuery }) query: WorkItemsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkItemPage> {
    const page = await this.reader.workItems(query);
    if (page.nextCursor !== null) reply.header('link', nextLink('/api/work-items', query, page.nextCursor));
    return page;
  }

  @Get(':item')
  read(@Param('item') reference: string): Promise<WorkItemView> {
    return this.item(reference);
  }

  @Get(':item/assignments')
  async history(@Param('item') reference: string): Promise<AssignmentHistory> {
    const { id: workItemId } = await this.item(reference);
    return { items: await this.reader.history({ workItemId }) };
  }

  @Post(':item/assign')
  @HttpCode(202)
  assign(
    @Param('item') reference: string,
    @Body({ schema: assignRequest }) { assignedTo, kind, note, context = {} }: AssignRequest,
  ): Promise<WorkItemView> {
    return this.step(reference, {
      step: 'assign',
      to: toAssignee(assignedTo, kind),
      note: note ?? null,
      context,
    });
  }

  @Post(':item/hand-over')
  @HttpCode(202)
  handOver(
    @Param('item') reference: string,
    @Body({ schema: handOverItemRequest }) { assignedTo, kind, note, context = {} }: HandOverItemRequest,
  ): Promise<WorkItemView> {
    return this.step(reference, { step: 'hand_over', to: toAssignee(assignedTo, kind), note, context });
  }

  @Post(':item/start')
  @HttpCode(202)
  start(@Param('item') reference: string, @Body({ schema: noBody }) _body: object): Promise<WorkItemView> {
    return this.step(reference, { step: 'start' });
  }

  @Post(':item/pause')
  @HttpCode(202)
  pause(@Param('item') reference: string, @Body({ schema: noBody }) _body: object): Promise<WorkItemView> {
    return this.step(reference, { step: 'pause' });
  }

  @Post(':item/resume')
  @HttpCode(202)
  resume(@Param('item') reference: string, @Body({ schema: noBody }) _body: object): Promise<WorkItemView> {
    return this.step(reference, { step: 'resume' });
  }

  @Post(':item/close')
  @HttpCode(202)
  close(
    @Param('item') reference: string,
    @Body({ schema: closeWorkItemRequest }) { as }: CloseWorkItemRequest,
  ): Promise<WorkItemView> {
    return this.step(reference, { step: 'close', as });
  }

  private async step(reference: string, step: WorkItemStep): Promise<WorkItemView> {
    const { id } = await this.item(reference);
    await stepWorkItem(this.deps, { id, actorId: this.actorId, step });
    return this.item(id);
  }

  private async item(reference: string): Promise<WorkItemView> {
    return found(await this.reader.workItem(reference), 'work item', reference);
  }
}
