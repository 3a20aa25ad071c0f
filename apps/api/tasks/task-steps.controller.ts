import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { optionalBody } from '#contracts/api/edit.js';
import {
  approveTaskRequest,
  rejectTaskRequest,
  retryTaskRequest,
  skipTaskRequest,
  type ApproveTaskRequest,
  type RejectTaskRequest,
  type RetryTaskRequest,
  type SkipTaskRequest,
  type TaskDetail,
} from '#contracts/api/plan-tasks.js';
import { approveTask } from '#engine/commands/approve-task.command.js';
import { rejectTask } from '#engine/commands/reject-task.command.js';
import { retryTask } from '#engine/commands/retry-task.command.js';
import { skipTask } from '#engine/commands/skip-task.command.js';
import { toExecutor } from '#engine/executors.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';

/** What a person decides about a task. */
@WithRepeatableAnswers()
@Controller('api/plan-tasks/:task')
export class TaskStepsController extends CommandController {
  @Post('approve')
  @HttpCode(202)
  async approve(
    @Param('task') reference: string,
    @Body({ schema: optionalBody(approveTaskRequest) }) body: ApproveTaskRequest,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    await approveTask(this.deps, { ...task, actorId: this.actorId, ...body });
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
    const executor = body.executor === undefined ? undefined : toExecutor(body.executor);
    await retryTask(this.deps, { ...task, actorId: this.actorId, ...body, executor });
    return this.references.task(task);
  }

  @Post('skip')
  @HttpCode(202)
  async skip(
    @Param('task') reference: string,
    @Body({ schema: skipTaskRequest }) body: SkipTaskRequest,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    await skipTask(this.deps, { ...task, actorId: this.actorId, ...body });
    return this.references.task(task);
  }
}
