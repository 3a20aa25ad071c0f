import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { TaskDetail } from '#contracts/api/plan-tasks.js';
import {
  answerTaskRequest,
  outputQuery,
  transcriptQuery,
  type AnswerTaskRequest,
  type OutputQuery,
  type OutputView,
  type TranscriptQuery,
  type TranscriptView,
} from '#contracts/api/sessions.js';
import { answerTask } from '#engine/commands/answer-task.command.js';
import { SessionReader, type SessionPart } from '#store/queries/session-reader.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';
import { found } from '../references.js';

/** What attempts say, show and ask. */
@WithRepeatableAnswers()
@Controller('api/plan-tasks/:task')
export class SessionsController extends CommandController {
  @Inject(SessionReader) private readonly sessions!: SessionReader;

  @Post('answer')
  @HttpCode(202)
  async answer(
    @Param('task') reference: string,
    @Body({ schema: answerTaskRequest }) { answer }: AnswerTaskRequest,
  ): Promise<TaskDetail> {
    const task = await this.references.taskPlace(reference);
    await answerTask(this.deps, { ...task, actorId: this.actorId, answer });
    return this.references.task(task);
  }

  @Get('attempts/:attempt/transcript')
  async transcript(
    @Param('task') reference: string,
    @Param('attempt') attempt: string,
    @Query({ schema: transcriptQuery }) query: TranscriptQuery,
  ): Promise<TranscriptView> {
    const part = await this.partOf(reference, attempt, query);
    return found(await this.sessions.transcript(part), 'attempt', `${reference}/${attempt}`);
  }

  @Get('attempts/:attempt/output')
  async output(
    @Param('task') reference: string,
    @Param('attempt') attempt: string,
    @Query({ schema: outputQuery }) query: OutputQuery,
  ): Promise<OutputView> {
    const part = await this.partOf(reference, attempt, query);
    return found(await this.sessions.output(part), 'attempt', `${reference}/${attempt}`);
  }

  /** What is no number names no attempt. */
  private async partOf(
    reference: string,
    attempt: string,
    query: TranscriptQuery | OutputQuery,
  ): Promise<SessionPart> {
    const place = await this.references.taskPlace(reference);
    return { ...place, attempt: /^[1-9]\d{0,8}$/.test(attempt) ? Number(attempt) : 0, ...query };
  }
}
