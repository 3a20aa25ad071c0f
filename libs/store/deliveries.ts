import type { OpenDelivery } from '#domain/plan/delivery.js';
import type { DeliveredCost, DeliveredTask } from '#domain/plan/delivery-text.js';
import type {
  DeliveryFacts,
  DeliveryJudgement,
  DeliveryStore,
  Resolution,
  TakenDelivery,
} from '#engine/ports/delivery.port.js';
import type { Sql, SqlTx } from './sql.js';

const OPEN = `d.id, d.number, d.way, d.status, d.token, d.tries, d.rounds, d.target_branch AS "targetBranch",
              d.tip_commit AS "tipCommit", d.target_commit AS "targetCommit", d."commit", d.executor,
              d.actor_id AS "actorId", d.created_at AS "createdAt"`;

/** See `DeliveryTx`. */
export async function openDelivery(tx: Pick<SqlTx, 'rows'>, planId: string): Promise<OpenDelivery | null> {
  const [row] = await tx.rows<OpenDelivery>(
    `SELECT ${OPEN} FROM plan_deliveries d
      WHERE d.plan_id = $1::uuid AND d.status IN ('preparing', 'verifying', 'delivering')`,
    [planId],
  );
  return row ?? null;
}

/** Deliveries on Postgres: see the port. Their statuses are written with the decisions on their plans. */
export class PostgresDeliveries implements DeliveryStore {
  constructor(
    private readonly sql: Sql,
    private readonly options: { readonly leaseMs: number; readonly holder: string },
  ) {}

  async takeDelivery(): Promise<TakenDelivery | null> {
    const { leaseMs, holder } = this.options;
    const [row] = await this.sql.rows<TakenDelivery>(
      `UPDATE plan_deliveries d
          SET token = d.token + 1, tries = d.tries + 1, holder = $2,
              lease_until = clock_timestamp() + $1 * interval '1 millisecond'
        WHERE d.id = (SELECT o.id FROM plan_deliveries o JOIN plans p ON p.id = o.plan_id AND p.deleted_at IS NULL
                       WHERE o.status IN ('preparing', 'verifying', 'delivering')
                         AND o.available_at <= clock_timestamp()
                         AND (o.lease_until IS NULL OR o.lease_until < clock_timestamp())
                         AND (o.status <> 'verifying'
                              OR NOT EXISTS (SELECT 1 FROM judgements j
                                              WHERE j.delivery_id = o.id AND j.status IN ('queued', 'running')))
                       ORDER BY o.available_at LIMIT 1 FOR UPDATE OF o SKIP LOCKED)
       RETURNING ${OPEN}, d.plan_id AS "planId", d.verdict`,
      [leaseMs, holder],
    );
    return row ?? null;
  }

  async renewDelivery({ id, token }: Pick<OpenDelivery, 'id' | 'token'>): Promise<boolean> {
    const rows = await this.sql.rows(
      `UPDATE plan_deliveries SET lease_until = clock_timestamp() + $3 * interval '1 millisecond'
        WHERE id = $1::uuid AND token = $2 AND status IN ('preparing', 'verifying', 'delivering') RETURNING 1`,
      [id, token, this.options.leaseMs],
    );
    return rows.length > 0;
  }

  async postponeDelivery({ id, token }: Pick<OpenDelivery, 'id' | 'token'>): Promise<void> {
    await this.sql.rows(
      `UPDATE plan_deliveries
          SET lease_until = NULL,
              available_at = clock_timestamp() + least(60, power(2, least(tries, 6))) * interval '1 second'
        WHERE id = $1::uuid AND token = $2`,
      [id, token],
    );
  }

  async deliveryFacts(planId: string): Promise<DeliveryFacts | null> {
    return this.sql.read(async (tx) => {
      const [[plan], tasks, costs] = await Promise.all([
        tx.rows<Omit<DeliveryFacts, 'tasks' | 'costs'>>(PLAN, [planId]),
        tx.rows<DeliveredTask>(TASKS, [planId]),
        tx.rows<DeliveredCost>(COSTS, [planId]),
      ]);
      return plan === undefined ? null : { ...plan, tasks, costs };
    });
  }

  resolutions(planId: string): Promise<Resolution[]> {
    return this.sql.rows<Resolution>(
      `SELECT d.target_commit AS target, t.commit_sha AS "commit", d.files
         FROM plan_deliveries d JOIN plan_tasks t ON t.plan_id = d.plan_id AND t.number = d.task_number
        WHERE d.plan_id = $1::uuid AND d.status = 'conflict' AND t.status IN ('completed', 'satisfied')
        ORDER BY d.number`,
      [planId],
    );
  }

  async deliveryJudgement(id: string): Promise<DeliveryJudgement> {
    const [row] = await this.sql.rows<DeliveryJudgement>(
      `SELECT verdict, message FROM judgements WHERE delivery_id = $1::uuid ORDER BY id DESC LIMIT 1`,
      [id],
    );
    return row ?? { verdict: null, message: 'the verdict was not fetched for a day, and is gone' };
  }

  async deliveredHeads(planId: string): Promise<string[]> {
    const rows = await this.sql.rows<{ commit: string }>(
      `SELECT "commit" FROM plan_deliveries
        WHERE plan_id = $1::uuid AND way <> 'merge' AND "commit" IS NOT NULL`,
      [planId],
    );
    return rows.map(({ commit }) => commit);
  }
}

const PLAN = `
  SELECT p.number, p.name, p.description, p.status, p.repository_id AS "repositoryId", r.origin, p.branch,
         p.target_branch AS "targetBranch", p.tip_commit AS "tipCommit"
    FROM plans p JOIN repositories r ON r.id = p.repository_id WHERE p.id = $1 AND p.deleted_at IS NULL`;

/** What was waived is an event of the plan, also where its task was done anew since. */
const TASKS = `
  SELECT t.number, t.title, t.status, t.effect, t.verified, t.commit_sha AS "commit", t.note,
         CASE WHEN t.strength->>'commit' = t.commit_sha THEN t.strength END AS strength,
         coalesce((SELECT jsonb_agg(i.changes->0->>'contract' ORDER BY i.number) FROM plan_iterations i
                    WHERE i.plan_id = t.plan_id AND i.kind = 'waiver'
                      AND split_part(i.changes->0->>'contract', '.', 1) = t.number::text), '[]') AS waived
    FROM plan_tasks t JOIN phases h ON h.id = t.phase_id WHERE t.plan_id = $1
   ORDER BY h.position, t.place, t.number`;

/** A call of which nobody knows yet what it cost counts as the most that it can. */
const COSTS = `
  SELECT c.model, sum(coalesce(c.cost_micros, c.reserved_micros))::float8 AS micros, count(*)::int AS calls,
         sum(c.input_tokens + c.cache_write_tokens + c.cache_read_tokens)::float8 AS "inputTokens",
         sum(c.output_tokens)::float8 AS "outputTokens"
    FROM model_calls c WHERE c.plan_id = $1::uuid GROUP BY c.model ORDER BY micros DESC, c.model`;
