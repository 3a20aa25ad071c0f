import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Query,
} from '@nestjs/common';
import {
  createTaskRequest,
  updateTaskRequest,
  type CreateTaskRequest,
  type TaskDetail,
  type TaskDiff,
  type UpdateTaskRequest,
} from '#contracts/api/plan-tasks.js';
import { taskDiffQuery, type TaskDiffQuery } from '#contracts/api/snapshots.js';
import { DomainError } from '#domain/domain-error.js';
import { addTask } from '#engine/commands/add-task.command.js';
import { deleteTask } from '#engine/commands/delete-task.command.js';
import { updateTask } from '#engine/commands/update-task.command.js';
import { expectedRevision } from '#platform/http/if-match.js';
import { SnapshotReader, type StoredDiff } from '#store/queries/snapshot-reader.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';
import { found } from '../references.js';

@WithRepeatableAnswers()
@Controller('api/plan-tasks')
export class PlanTasksController extends CommandController {
  @Inject(SnapshotReader) private readonly snapshots!: SnapshotReader;

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
  async diff(
    @Param('task') reference: string,
    @Query({ schema: taskDiffQuery }) query: TaskDiffQuery,
  ): Promise<TaskDiff> {
    const snapshot = await this.ofSnapshots(reference, query);
    if (snapshot !== null) {
      const { prunedAt } = snapshot;
      if (prunedAt === null) return this.shown(snapshot, null);
      throw new DomainError(
        'conflict',
        `That snapshot of task ${reference} was pruned at ${prunedAt.toISOString()}.`,
      );
    }
    const { patchId, ...work } = await this.references.work(reference);
    return this.shown({ ...work, files: null }, patchId);
  }

  private async shown(diff: Omit<StoredDiff, 'prunedAt'>, patchId: string | null): Promise<TaskDiff> {
    const { repositoryId, from, to } = diff;
    const files = diff.files ?? (await this.deps.git.diff({ repositoryId, from, to }));
    return { from, to, patchId, files: files.map((file) => ({ ...file, oldPath: file.oldPath ?? null })) };
  }

  /** Null: no snapshot was named. */
  private async ofSnapshots(
    reference: string,
    { sequence, from, to, checkpoint }: TaskDiffQuery,
  ): Promise<StoredDiff | null> {
    const place = await this.references.taskPlace(reference);
    if (sequence !== undefined) {
      const name = `${reference}/${sequence}`;
      return found(await this.snapshots.ofSequence(place, sequence), 'snapshot', name);
    }
    if (checkpoint !== undefined)
      return found(await this.snapshots.ofCheckpoint(place, checkpoint), 'snapshot', checkpoint);
    if (from === undefined || to === undefined) return null;
    const names = `${reference}/${from} or ${reference}/${to}`;
    return found(await this.snapshots.between(place, from, to), 'snapshot', names);
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
