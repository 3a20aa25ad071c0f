import type { PastCosts } from '#domain/cost/estimate.js';
import { TASK_ENDED } from '#domain/plan/task.machine.js';
import type { PlannedWork } from '#engine/queries/estimate-work.js';
import type { Sql } from '../sql.js';

/** What an estimate of a plan looks at. */
export interface EstimateFacts {
  readonly work: readonly PlannedWork[];
  readonly past: (kind: string, model: string) => PastCosts | null;
}

const WORK = `
  SELECT t.number, t.title, t.status = ANY($2) AS ended, t.executor,
         t.prompt || coalesce(E'\\n' || s.spec_yaml, '') AS prompt
    FROM plan_tasks t JOIN phases h ON h.id = t.phase_id LEFT JOIN plan_specs s ON s.id = t.spec_id
   WHERE t.plan_id = $1 ORDER BY h.position, t.place, t.number`;

/** Tasks that are done, by the model that most of their calls were made of; the latest thousand of each. */
const PAST = `
  SELECT kind, model, count(*)::int AS tasks,
         percentile_cont(0.1) WITHIN GROUP (ORDER BY micros) AS low,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY micros) AS expected,
         percentile_cont(0.9) WITHIN GROUP (ORDER BY micros) AS high
    FROM (SELECT t.executor->>'kind' AS kind, c.model, c.micros,
                 row_number() OVER (PARTITION BY t.executor->>'kind', c.model ORDER BY t.completed_at DESC) AS age
            FROM (SELECT task_id, mode() WITHIN GROUP (ORDER BY model) AS model,
                         sum(coalesce(cost_micros, reserved_micros))::float8 AS micros
                    FROM model_calls WHERE task_id IS NOT NULL GROUP BY task_id) c
            JOIN plan_tasks t ON t.id = c.task_id
           WHERE t.status IN ('completed', 'satisfied')) d
   WHERE age <= 1000 GROUP BY kind, model`;

type PastRow = PastCosts & { readonly kind: string; readonly model: string };

/** Named reads for estimates. */
export class EstimateReader {
  constructor(private readonly sql: Sql) {}

  /** The tasks of a plan, and what tasks of this installation cost that are done. */
  async facts(planId: string): Promise<EstimateFacts> {
    const [work, rows] = await this.sql.read((tx) =>
      Promise.all([tx.rows<PlannedWork>(WORK, [planId, TASK_ENDED]), tx.rows<PastRow>(PAST)]),
    );
    const past = new Map(
      rows.map(({ kind, model, tasks, low, expected, high }) => [
        `${kind} ${model}`,
        { tasks, low: Math.round(low), expected: Math.round(expected), high: Math.round(high) },
      ]),
    );
    return { work, past: (kind, model) => past.get(`${kind} ${model}`) ?? null };
  }
}
