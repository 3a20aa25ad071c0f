import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import {
  assignmentsQuery,
  assignRequest,
  handOverTaskRequest,
  type AssignmentHistory,
  type AssignmentPage,
  type AssignmentsQuery,
  type AssignRequest,
  type HandOverTaskRequest,
} from '#contracts/api/assignments.js';
import { noBody } from '#contracts/api/edit.js';
import type { TaskDetail } from '#contracts/api/plan-tasks.js';
import { assignTask } from '#engine/commands/assign-task.command.js';
import { handOverTask } from '#engine/commands/hand-over-task.command.js';
import { pauseAssignment } from '#engine/commands/pause-assignment.command.js';
import { nextLink } from '#platform/http/next-link.js';
import { AssignmentReader } from '#store/queries/assignment-reader.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';
import { toAssignee } from './assignee.js';

/** Whose tasks are. */
@WithRepeatableAnswers()
@Controller('api')
export class AssignmentsController extends CommandController {
  @Inject(AssignmentReader) private readonly reader!: AssignmentReader;

  @Get('assignments')
  async list(
    @Query({ schema: assignmentsQuery }) query: AssignmentsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AssignmentPage> {
    const page = await this.reader.list({ ...query, all: query.all === 'true' });
    if (page.nextCursor !== null) reply.header('link', nextLink('/api/assignments', query, page.nextCursor));
    return page;
  }

  @Get('plan-tasks/:task/assignments')
  async history(@Param('task') reference: string): Promise<AssignmentHistory> {
    const { id: taskId } = await this.references.task(await this.references.taskPlace(reference));
    return { items: await this.reader.history({ taskId }) };
  }

  @Post('plan-tasks/:task/assign')
  @HttpCode(202)
  async assign(
    @Param('task') reference: string,
    @Body({ schema: assignRequest }) { assignedTo, kind, note, context = {} }: AssignRequest,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    const to = toAssignee(assignedTo, kind);
    await assignTask(this.deps, { ...task, actorId: this.actorId, to, note: note ?? null, context });
    return this.references.task(task);
  }

  @Post('plan-tasks/:task/hand-over')
  @HttpCode(202)
  async handOver(
    @Param('task') reference: string,
    @Body({ schema: handOverTaskRequest })
    { assignedTo, kind, note, context = {}, token }: HandOverTaskRequest,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    const to = toAssignee(assignedTo, kind);
    await handOverTask(this.deps, { ...task, actorId: this.actorId, to, note, context, token });
    return this.references.task(task);
  }

  @Post('plan-tasks/:task/pause')
  @HttpCode(202)
  pause(@Param('task') reference: string, @Body({ schema: noBody }) _body: object): Promise<TaskDetail> {
    return this.step(reference, 'pause');
  }

  @Post('plan-tasks/:task/resume')
  @HttpCode(202)
  resume(@Param('task') reference: string, @Body({ schema: noBody }) _body: object): Promise<TaskDetail> {
    return this.step(reference, 'resume');
  }

  private async step(reference: string, step: 'pause' | 'resume'): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    await pauseAssignment(this.deps, { ...task, actorId: this.actorId, step });
    return this.references.task(task);
  }
}
