import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { noBody } from '#contracts/api/edit.js';
import {
  judgeTaskRequest,
  verdictQuery,
  type JudgementView,
  type JudgeTaskRequest,
  type TaskVerdict,
  type VerdictQuery,
} from '#contracts/api/judgements.js';
import type { TaskDetail } from '#contracts/api/plan-tasks.js';
import { toSarif } from '#contracts/spec/sarif.js';
import { DomainError } from '#domain/domain-error.js';
import { judgeTask, type Judged } from '#engine/commands/judge-task.command.js';
import { verifyAgain } from '#engine/commands/verify-again.command.js';
import { JudgementReader } from '#store/queries/judgement-reader.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';
import { found } from '../references.js';

/** What the verifier says, when somebody asks. */
@WithRepeatableAnswers()
@Controller('api')
export class JudgementsController extends CommandController {
  @Inject(JudgementReader) private readonly reader!: JudgementReader;

  @Post('plan-tasks/:task/judge')
  @HttpCode(202)
  async judge(
    @Param('task') reference: string,
    @Body({ schema: judgeTaskRequest }) body: JudgeTaskRequest,
  ): Promise<JudgementView> {
    const task = await this.references.taskPlace(reference);
    const judged = judgedBy(body);
    return this.read(await judgeTask(this.deps, { ...task, actorId: this.actorId, judged }));
  }

  @Get('judgements/:id')
  async read(@Param('id') id: string): Promise<JudgementView> {
    return found(await this.reader.judgement(id, this.actorId), 'judgement', id);
  }

  @Post('plan-tasks/:task/verify')
  @HttpCode(202)
  async verify(
    @Param('task') reference: string,
    @Body({ schema: noBody }) _body: object,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    await verifyAgain(this.deps, { ...task, actorId: this.actorId });
    return this.references.task(task);
  }

  @Get('plan-tasks/:task/verdict')
  async verdict(
    @Param('task') reference: string,
    @Query({ schema: verdictQuery }) { format }: VerdictQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TaskVerdict | string> {
    const last = await this.reader.lastVerdict(await this.references.taskPlace(reference));
    if (last === null) {
      throw new DomainError('conflict', `Task ${reference} has no verdict: nothing of it was judged yet.`, {
        remedy: 'Look again when its first attempt was verified, or judge a commit (planwright verify-task).',
      });
    }
    if (format === 'json') return last;
    void reply.type('application/sarif+json; charset=utf-8');
    const { plan, task, title, commit, unverified, verdict } = last;
    return JSON.stringify(toSarif(verdict, { task: `${plan}.${task}`, title, commit, unverified }));
  }
}

/** The schema lets exactly one of them through. */
function judgedBy({ ref, commit, checkpoint }: JudgeTaskRequest): Judged {
  if (ref !== undefined) return { ref };
  return checkpoint === undefined ? { commit: commit ?? '' } : { checkpoint };
}
