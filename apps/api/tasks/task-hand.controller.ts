import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { optionalBody } from '#contracts/api/edit.js';
import { claimTaskRequest, type ClaimedTask, type ClaimTaskRequest } from '#contracts/api/external.js';
import {
  completeTaskRequest,
  failTaskRequest,
  releaseTaskRequest,
  submitTaskRequest,
  type CompleteTaskRequest,
  type FailTaskRequest,
  type ReleaseTaskRequest,
  type SubmitTaskRequest,
  type TaskDetail,
} from '#contracts/api/plan-tasks.js';
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
    @Body({ schema: optionalBody(claimTaskRequest) }) body: ClaimTaskRequest,
  ): Promise<ClaimedTask> {
    const task = await this.references.taskPlace(reference);
    const lease = await claimTask(this.deps, { ...task, actorId: this.actorId, ...body });
    const shown = lease === null ? null : { token: lease.token, until: lease.until.toISOString() };
    return { ...(await this.references.task(task)), lease: shown };
  }

  @Post('release')
  @HttpCode(202)
  async release(
    @Param('task') reference: string,
    @Body({ schema: optionalBody(releaseTaskRequest) }) body: ReleaseTaskRequest,
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
    @Body({ schema: submitTaskRequest }) { ref, commit, patch, token }: SubmitTaskRequest,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    // The schema lets exactly one of them through.
    const inHub = patch === undefined ? { commit: commit ?? '' } : { patch };
    const handed = ref === undefined ? inHub : { ref };
    await submitTask(this.deps, { ...task, actorId: this.actorId, handed, token });
    return this.references.task(task);
  }
}
