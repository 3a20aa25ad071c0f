import type { SnapshotPage, SnapshotView } from '#contracts/api/snapshots.js';
import type { SnapshotKind } from '#domain/snapshot/snapshot-kind.js';
import type { FileDiff, FileStatus } from '#engine/ports/git.port.js';
import type { Database } from '../database.js';
import type { Prisma } from '../generated/client.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { TaskPlace } from './task-reader.js';

const SHOWN = {
  task: { select: { number: true } },
  attempt: { select: { number: true } },
} as const satisfies Prisma.CodeSnapshotInclude;

type Row = Prisma.CodeSnapshotGetPayload<{ include: typeof SHOWN }>;

/** The two commits of a diff, and the texts where they are stored. */
export interface StoredDiff {
  readonly repositoryId: string;
  readonly from: string;
  readonly to: string;
  /** Null: git has it. */
  readonly files: readonly FileDiff[] | null;
  /** Nothing keeps its commit any more, since then. */
  readonly prunedAt: Date | null;
}

/** Named reads of snapshots. */
export class SnapshotReader {
  constructor(private readonly db: Database) {}

  /** Those of a plan, the latest first. */
  async page(
    planId: string,
    query: {
      readonly limit: number;
      readonly task?: number | undefined;
      readonly kind?: SnapshotKind | undefined;
      readonly cursor?: string | undefined;
    },
  ): Promise<SnapshotPage> {
    const { limit, task, kind, cursor } = query;
    const rows = await this.db.codeSnapshot.findMany({
      where: {
        planId,
        ...(task === undefined ? {} : { task: { number: task } }),
        ...(kind === undefined ? {} : { kind }),
        ...(cursor === undefined ? {} : { id: { lt: decodeCursor('snapshots', cursor, /^[0-9a-f-]{36}$/) } }),
      },
      orderBy: { id: 'desc' },
      take: limit + 1,
      include: SHOWN,
    });
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return {
      items: rows.slice(0, limit).map(toView),
      nextCursor: last === undefined ? null : encodeCursor('snapshots', last.id),
    };
  }

  async snapshot(id: string): Promise<SnapshotView | null> {
    const row = await this.db.codeSnapshot.findUnique({ where: { id }, include: SHOWN });
    return row === null ? null : toView(row);
  }

  /** The diff of a snapshot of a task. */
  async ofSequence(place: TaskPlace, sequence: number): Promise<StoredDiff | null> {
    return this.stored({ ...ofTask(place), sequence });
  }

  /** The diff of a checkpoint. */
  async ofCheckpoint({ planId }: TaskPlace, name: string): Promise<StoredDiff | null> {
    return this.stored({ planId, name });
  }

  /** What differs between two snapshots of a task. */
  async between(place: TaskPlace, from: number, to: number): Promise<StoredDiff | null> {
    const rows = await this.db.codeSnapshot.findMany({
      where: { ...ofTask(place), sequence: { in: [from, to] } },
      select: {
        sequence: true,
        kind: true,
        prunedAt: true,
        commit: true,
        plan: { select: { repositoryId: true } },
      },
    });
    const of = (sequence: number) => rows.find((row) => row.sequence === sequence);
    const [first, last] = [of(from), of(to)];
    if (first === undefined || last === undefined) return null;
    const prunedAt = goneAt(first) ?? goneAt(last);
    return {
      repositoryId: first.plan.repositoryId,
      from: first.commit,
      to: last.commit,
      files: null,
      prunedAt,
    };
  }

  private async stored(where: Prisma.CodeSnapshotWhereInput): Promise<StoredDiff | null> {
    const row = await this.db.codeSnapshot.findFirst({
      where,
      select: {
        planId: true,
        kind: true,
        prunedAt: true,
        commit: true,
        baseCommit: true,
        plan: { select: { repositoryId: true } },
      },
    });
    if (row === null) return null;
    const { planId, baseCommit, commit } = row;
    // The diff of two commits is stored with one of the snapshots that have it.
    const holder = await this.db.codeSnapshot.findFirst({
      where: { planId, baseCommit, commit, diffs: { some: {} } },
      select: { diffs: { orderBy: { filePath: 'asc' } } },
    });
    const files = baseCommit === commit ? [] : (holder?.diffs.map(toDiff) ?? null);
    const prunedAt = files === null ? goneAt(row) : null;
    return { repositoryId: row.plan.repositoryId, from: baseCommit, to: commit, files, prunedAt };
  }
}

/** What came onto a branch is kept by it, or by a lineage. */
function goneAt({ kind, prunedAt }: { readonly kind: string; readonly prunedAt: Date | null }): Date | null {
  return kind === 'candidate' || kind === 'failed' ? prunedAt : null;
}

function ofTask({ planId, taskNumber }: TaskPlace): Prisma.CodeSnapshotWhereInput {
  return { planId, task: { number: taskNumber } };
}

function toDiff(row: Prisma.CodeDiffGetPayload<object>): FileDiff {
  return {
    path: row.filePath,
    ...(row.oldPath === null ? {} : { oldPath: row.oldPath }),
    status: row.status as FileStatus,
    oldMode: row.oldMode,
    newMode: row.newMode,
    binary: row.binary,
    addedLines: row.addedLines,
    removedLines: row.removedLines,
    text: row.diffText,
  };
}

function toView(row: Row): SnapshotView {
  return {
    id: row.id,
    task: row.task?.number ?? null,
    attempt: row.attempt?.number ?? null,
    sequence: row.sequence,
    kind: row.kind as SnapshotKind,
    name: row.name,
    commit: row.commit,
    baseCommit: row.baseCommit,
    gitRef: row.gitRef,
    files: row.files as string[],
    prunedAt: row.prunedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}
