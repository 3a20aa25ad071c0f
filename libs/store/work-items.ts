import type { WorkItemDecision, WorkItemState } from '#domain/assignments/work-item.js';
import type { NewWorkItem, WorkItemStore } from '#engine/ports/assignment.port.js';
import { activeAssignment, assign, moveAssignment } from './assignments.js';
import type { Sql } from './sql.js';

/** Work items on Postgres: see the port. Their statuses are written here only. */
export class PostgresWorkItems implements WorkItemStore {
  constructor(private readonly sql: Sql) {}

  async create({ id, repositoryId, title, description, actorId }: NewWorkItem): Promise<void> {
    await this.sql.rows(
      `INSERT INTO work_items (id, repository_id, title, description, created_by) VALUES ($1, $2, $3, $4, $5)`,
      [id, repositoryId, title, description, actorId],
    );
  }

  change(id: string, actorId: string, decide: (item: WorkItemState) => WorkItemDecision): Promise<boolean> {
    return this.sql.transaction(async (tx) => {
      const [row] = await tx.rows<Omit<WorkItemState, 'active'> & { readonly now: Date }>(
        `SELECT w.number, w.status, clock_timestamp() AS now FROM work_items w WHERE w.id = $1::uuid FOR UPDATE`,
        [id],
      );
      if (row === undefined) return false;
      const { now, ...item } = row;
      const of = { workItemId: id };
      const decision = decide({ ...item, active: await activeAssignment(tx, of) });
      if (decision.move !== undefined) moveAssignment(tx, decision.move, now);
      if (decision.assign !== undefined) assign(tx, of, decision.assign, { actorId, now });
      if (decision.close !== undefined)
        tx.send(`UPDATE work_items SET status = $2, closed_at = $3 WHERE id = $1::uuid`, [
          id,
          decision.close,
          now,
        ]);
      return true;
    });
  }
}
