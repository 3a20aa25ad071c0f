import type { DeliveryView } from '#contracts/api/deliveries.js';
import type { Verdict } from '#domain/spec/verdict.js';
import type { Sql } from '../sql.js';
import { iso, toVerdictView } from './task-views.js';

interface DeliveryRow extends Omit<DeliveryView, 'verdict' | 'createdAt' | 'finishedAt'> {
  readonly verdict: Verdict | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

const DELIVERIES = `
  SELECT d.id, d.number, d.way, d.status, d.outcome, d.target_branch AS "targetBranch", d.tip_commit AS "tipCommit",
         d.target_commit AS "targetCommit", d."commit", d.verdict, d.files AS conflicts, d.task_number AS task,
         d.commands, d.pull_request AS "pullRequest", d.message, d.remedy, a.name AS actor,
         d.created_at AS "createdAt", d.finished_at AS "finishedAt"
    FROM plan_deliveries d JOIN actors a ON a.id = d.actor_id`;

/** Named reads of deliveries, as clients see them. */
export class DeliveryReader {
  constructor(private readonly sql: Sql) {}

  /** The latest first. */
  async ofPlan(planId: string): Promise<DeliveryView[]> {
    const rows = await this.sql.rows<DeliveryRow>(
      `${DELIVERIES} WHERE d.plan_id = $1::uuid ORDER BY d.number DESC`,
      [planId],
    );
    return rows.map(toView);
  }

  async delivery(id: string): Promise<DeliveryView | null> {
    const [row] = await this.sql.rows<DeliveryRow>(`${DELIVERIES} WHERE d.id = $1::uuid`, [id]);
    return row === undefined ? null : toView(row);
  }
}

function toView({ verdict, createdAt, finishedAt, ...row }: DeliveryRow): DeliveryView {
  return {
    ...row,
    verdict: verdict === null ? null : toVerdictView(verdict),
    createdAt: createdAt.toISOString(),
    finishedAt: iso(finishedAt),
  };
}
