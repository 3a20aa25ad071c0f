import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { noBody, optionalBody } from '#contracts/api/edit.js';
import {
  rejectTaskRequest,
  retryTaskRequest,
  type RejectTaskRequest,
  type RetryTaskRequest,
  type TaskDetail,
} from '#contracts/api/plan-tasks.js';
import { approveTask } from '#engine/commands/approve-task.command.js';
import { rejectTask } from '#engine/commands/reject-task.command.js';
import { retryTask } from '#engine/commands/retry-task.command.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';

/** What a person says to a task. */
@WithRepeatableAnswers()
@Controller('api/plan-tasks/:task')
export class TaskStepsController extends CommandController {
  @Post('approve')
  @HttpCode(202)
  async approve(
    @Param('task') reference: string,
    @Body({ schema: noBody }) _body: object,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    await approveTask(this.deps, { ...task, actorId: this.actorId });
    return this.references.task(task);
  }

  @Post('reject')
  @HttpCode(202)
  async reject(
    @Param('task') reference: string,
    @Body({ schema: rejectTaskRequest }) body: RejectTaskRequest,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    await rejectTask(this.deps, { ...task, actorId: this.actorId, ...body });
    return this.references.task(task);
  }

  @Post('retry')
  @HttpCode(202)
  async retry(
    @Param('task') reference: string,
    @Body({ schema: optionalBody(retryTaskRequest) }) body: RetryTaskRequest,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    await retryTask(this.deps, { ...task, actorId: this.actorId, ...body });
    return this.references.task(task);
  }
}
