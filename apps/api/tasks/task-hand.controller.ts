import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { noBody, optionalBody } from '#contracts/api/edit.js';
import {
  assignTaskRequest,
  completeTaskRequest,
  failTaskRequest,
  submitTaskRequest,
  type AssignTaskRequest,
  type CompleteTaskRequest,
  type FailTaskRequest,
  type SubmitTaskRequest,
  type TaskDetail,
} from '#contracts/api/plan-tasks.js';
import { noteRequest, type NoteRequest } from '#contracts/api/plans.js';
import { assignTask } from '#engine/commands/assign-task.command.js';
import { claimTask } from '#engine/commands/claim-task.command.js';
import { completeTask } from '#engine/commands/complete-task.command.js';
import { failTask } from '#engine/commands/fail-task.command.js';
import { releaseTask } from '#engine/commands/release-task.command.js';
import { submitTask } from '#engine/commands/submit-task.command.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';

/** What people do with tasks in their own hands. */
@WithRepeatableAnswers()
@Controller('api/plan-tasks/:task')
export class TaskHandController extends CommandController {
  @Post('claim')
  @HttpCode(202)
  async claim(
    @Param('task') reference: string,
    @Body({ schema: noBody }) _body: object,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    await claimTask(this.deps, { ...task, actorId: this.actorId });
    return this.references.task(task);
  }

  @Post('release')
  @HttpCode(202)
  async release(
    @Param('task') reference: string,
    @Body({ schema: optionalBody(noteRequest) }) body: NoteRequest,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    await releaseTask(this.deps, { ...task, actorId: this.actorId, ...body });
    return this.references.task(task);
  }

  @Post('fail')
  @HttpCode(202)
  async fail(
    @Param('task') reference: string,
    @Body({ schema: failTaskRequest }) body: FailTaskRequest,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    await failTask(this.deps, { ...task, actorId: this.actorId, ...body });
    return this.references.task(task);
  }

  @Post('complete')
  @HttpCode(202)
  async complete(
    @Param('task') reference: string,
    @Body({ schema: completeTaskRequest }) body: CompleteTaskRequest,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    await completeTask(this.deps, { ...task, actorId: this.actorId, ...body });
    return this.references.task(task);
  }

  @Post('submit')
  @HttpCode(202)
  async submit(
    @Param('task') reference: string,
    @Body({ schema: submitTaskRequest }) { ref, commit }: SubmitTaskRequest,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    // The schema lets exactly one of them through.
    const handed = ref === undefined ? { commit: commit ?? '' } : { ref };
    await submitTask(this.deps, { ...task, actorId: this.actorId, handed });
    return this.references.task(task);
  }

  @Post('assign')
  @HttpCode(202)
  async assign(
    @Param('task') reference: string,
    @Body({ schema: assignTaskRequest }) body: AssignTaskRequest,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    await assignTask(this.deps, { ...task, actorId: this.actorId, ...body });
    return this.references.task(task);
  }
}
