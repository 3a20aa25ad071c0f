import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { AssignmentView } from '#contracts/api/assignments.js';
import {
  heartbeatRequest,
  readyQuery,
  type HeartbeatRequest,
  type HeartbeatView,
  type ReadyQuery,
  type ReadyTasks,
  type TaskContextView,
} from '#contracts/api/external.js';
import { heartbeatTask } from '#engine/commands/heartbeat-task.command.js';
import type { DeclarationsPort } from '#engine/ports/declarations.port.js';
import { readTaskContext } from '#engine/queries/task-context.js';
import { AssignmentReader } from '#store/queries/assignment-reader.js';
import { ExternalReader } from '#store/queries/external-reader.js';
import { CommandController } from '../http/command.controller.js';
import { FACTS } from '../tokens.js';

/** What programs outside ask for, and how they say that they are still there. */
@Controller('api')
export class ExternalWorkController extends CommandController {
  @Inject(ExternalReader) private readonly reader!: ExternalReader;
  @Inject(AssignmentReader) private readonly assignments!: AssignmentReader;
  @Inject(FACTS) private readonly declarations!: DeclarationsPort;

  @Get('ready')
  async ready(@Query({ schema: readyQuery }) { plan, needs, limit }: ReadyQuery): Promise<ReadyTasks> {
    const planId = plan === undefined ? undefined : await this.references.planId(plan);
    return { items: await this.reader.ready({ planId, needs, limit }) };
  }

  @Post('plan-tasks/:task/heartbeat')
  @HttpCode(200)
  async heartbeat(
    @Param('task') reference: string,
    @Body({ schema: heartbeatRequest }) { token }: HeartbeatRequest,
  ): Promise<HeartbeatView> {
    const place = await this.references.taskPlace(reference);
    return { until: (await heartbeatTask(this.deps, { ...place, task: reference, token })).toISOString() };
  }

  @Get('plan-tasks/:task/context')
  async context(@Param('task') reference: string): Promise<TaskContextView> {
    const place = await this.references.taskPlace(reference);
    const { git, store } = this.deps;
    const [{ id: taskId, plan, needs, writes }, dependencies, told] = await Promise.all([
      this.references.task(place),
      this.reader.dependencies(place),
      readTaskContext({ git, store, declarations: this.declarations }, place),
    ]);
    const held = (await this.assignments.history({ taskId })).find(({ endedAt }) => endedAt === null);
    const { brief, spec, analogous, ...head } = told;
    return {
      task: `${plan}.${place.taskNumber}`,
      ...head,
      prompt: brief.prompt,
      needs,
      mayChange: [...brief.mayChange],
      writes,
      spec: spec === null ? null : { ...spec, words: [...spec.words] },
      assignment: held === undefined ? null : toldOf(held),
      answers: brief.answers.map((each) => ({ ...each })),
      violations: brief.lastViolations.map((each) => ({ ...each })),
      rejectedDiff: brief.lastDiff,
      dependencies,
      analogous: analogous.map(({ like, items }) => ({ like, items: [...items] })),
    };
  }
}

function toldOf({ assignedTo, note, context }: AssignmentView): TaskContextView['assignment'] {
  return { assignedTo, note, context };
}
