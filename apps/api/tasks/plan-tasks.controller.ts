import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Patch, Post } from '@nestjs/common';
import {
  createTaskRequest,
  updateTaskRequest,
  type CreateTaskRequest,
  type TaskDetail,
  type UpdateTaskRequest,
} from '#contracts/api/plan-tasks.js';
import { addTask } from '#engine/commands/add-task.command.js';
import { deleteTask } from '#engine/commands/delete-task.command.js';
import { updateTask } from '#engine/commands/update-task.command.js';
import { expectedRevision } from '#platform/http/if-match.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { References } from '../references.js';
import { OWNER_ID } from '../tokens.js';

@WithRepeatableAnswers()
@Controller('api/plan-tasks')
export class PlanTasksController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(References) private readonly references: References,
    @Inject(OWNER_ID) private readonly actorId: string,
  ) {}

  @Post()
  async create(
    @Body({ schema: createTaskRequest }) { phaseId, ...task }: CreateTaskRequest,
    @Headers('if-match') ifMatch?: string,
  ): Promise<TaskDetail> {
    const place = await this.references.phase(phaseId);
    const { actorId } = this;
    const added = await addTask(this.runtime.deps, { ...place, actorId, task, ...expectedRevision(ifMatch) });
    return this.references.task(added);
  }

  @Get(':task')
  async read(@Param('task') reference: string): Promise<TaskDetail> {
    return this.references.task(await this.references.taskPlace(reference));
  }

  @Patch(':task')
  async update(
    @Param('task') reference: string,
    @Body({ schema: updateTaskRequest }) changes: UpdateTaskRequest,
    @Headers('if-match') ifMatch?: string,
  ): Promise<TaskDetail> {
    const place = await this.references.taskPlace(reference);
    const { actorId } = this;
    await updateTask(this.runtime.deps, { ...place, actorId, changes, ...expectedRevision(ifMatch) });
    return this.references.task(place);
  }

  @Delete(':task')
  @HttpCode(204)
  async remove(@Param('task') reference: string, @Headers('if-match') ifMatch?: string): Promise<void> {
    const place = await this.references.taskPlace(reference);
    await deleteTask(this.runtime.deps, { ...place, actorId: this.actorId, ...expectedRevision(ifMatch) });
  }
}
