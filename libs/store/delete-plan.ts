import type { Store } from '#engine/ports/store.port.js';
import type { Database } from './database.js';

const AT_WORK = ['generating', 'running', 'pausing', 'cancelling', 'rewinding', 'archiving'];

interface Row {
  readonly status: string;
  readonly revision: number;
  readonly startedAt: Date | null;
}

/** See the port. What never started goes whole; what did keeps its history behind a tombstone. */
export async function deletePlan(
  db: Database,
  planId: string,
  expectedRevision: number | undefined,
): ReturnType<Store['deletePlan']> {
  return db.$transaction(async (tx) => {
    const [row] = await tx.$queryRaw<Row[]>`
      SELECT status, revision, started_at AS "startedAt" FROM plans
       WHERE id = ${planId}::uuid AND deleted_at IS NULL FOR UPDATE`;
    if (row === undefined) return null;
    if (expectedRevision !== undefined && expectedRevision !== row.revision) return 'changed';
    if (AT_WORK.includes(row.status)) return 'busy';
    if (row.startedAt === null) {
      await tx.$queryRaw`SELECT delete_unstarted_plan(${planId}::uuid)`;
      return 'deleted';
    }
    await tx.$executeRaw`UPDATE plans SET deleted_at = clock_timestamp() WHERE id = ${planId}::uuid`;
    return 'hidden';
  });
}
