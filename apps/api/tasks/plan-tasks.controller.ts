import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post } from '@nestjs/common';
import {
  createTaskRequest,
  updateTaskRequest,
  type CreateTaskRequest,
  type TaskDetail,
  type TaskDiff,
  type UpdateTaskRequest,
} from '#contracts/api/plan-tasks.js';
import { addTask } from '#engine/commands/add-task.command.js';
import { deleteTask } from '#engine/commands/delete-task.command.js';
import { updateTask } from '#engine/commands/update-task.command.js';
import { expectedRevision } from '#platform/http/if-match.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';

@WithRepeatableAnswers()
@Controller('api/plan-tasks')
export class PlanTasksController extends CommandController {
  @Post()
  async create(
    @Body({ schema: createTaskRequest }) { phaseId, planId: plan, phase, ...task }: CreateTaskRequest,
    @Headers('if-match') ifMatch?: string,
  ): Promise<TaskDetail> {
    const place = await this.references.phasePlace({ phaseId, plan, phase });
    const { actorId } = this;
    const added = await addTask(this.deps, { ...place, actorId, task, ...expectedRevision(ifMatch) });
    return this.references.task(added);
  }

  @Get(':task')
  async read(@Param('task') reference: string): Promise<TaskDetail> {
    return this.references.task(await this.references.taskPlace(reference));
  }

  @Get(':task/diff')
  async diff(@Param('task') reference: string): Promise<TaskDiff> {
    const { repositoryId, from, to, patchId } = await this.references.work(reference);
    const files = await this.deps.git.diff({ repositoryId, from, to });
    return {
      from,
      to,
      patchId,
      files: files.map(({ path, status, addedLines, removedLines, text }) => ({
        path,
        status,
        addedLines,
        removedLines,
        text,
      })),
    };
  }

  @Patch(':task')
  async update(
    @Param('task') reference: string,
    @Body({ schema: updateTaskRequest }) changes: UpdateTaskRequest,
    @Headers('if-match') ifMatch?: string,
  ): Promise<TaskDetail> {
    const place = await this.references.taskPlace(reference);
    const { actorId } = this;
    await updateTask(this.deps, { ...place, actorId, changes, ...expectedRevision(ifMatch) });
    return this.references.task(place);
  }

  @Delete(':task')
  @HttpCode(204)
  async remove(@Param('task') reference: string, @Headers('if-match') ifMatch?: string): Promise<void> {
    const place = await this.references.taskPlace(reference);
    await deleteTask(this.deps, { ...place, actorId: this.actorId, ...expectedRevision(ifMatch) });
  }
}
