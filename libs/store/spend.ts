import { costOf } from '#domain/cost/call-cost.js';
import {
  decideReservation,
  exceededSentence,
  limitsOf,
  tightestLimit,
  type BudgetStop,
  type Exceeded,
  type Limits,
  type PlanBudget,
  type Spent,
} from '#domain/cost/budget.js';
import { toMicros, toUsd, type Micros } from '#domain/cost/money.js';
import { findPrice, priceOf, type PriceTable } from '#domain/cost/prices.js';
import { Fenced } from '#engine/fenced.js';
import type { Ids } from '#engine/ports/ids.port.js';
import type { Usage } from '#engine/ports/llm.port.js';
import {
  BudgetExceeded,
  type Reservation,
  type SpendPlace,
  type SpendPort,
} from '#engine/ports/spend.port.js';
import { readSpent, TODAY } from './spend-reads.js';
import type { Sql, SqlTx } from './sql.js';

export interface SpendOptions {
  readonly ids: Ids;
  readonly prices: PriceTable;
  /** For plans that say nothing else; the day's is for all of them. */
  readonly limits: Limits;
}

/** A place whose plan is locked. */
interface OpenPlace {
  readonly place: SpendPlace;
  readonly plan: { readonly number: number; readonly epoch: number; readonly revision: number };
  readonly limits: Limits;
  /** The UTC day by the database's clock. */
  readonly day: string;
}

interface LockedPlan {
  readonly number: number;
  readonly epoch: number;
  readonly revision: number;
  readonly status: string;
  readonly budget: PlanBudget | null;
}

/** Spending on Postgres: every limit is looked at, and the call is set aside, under locks that no other call passes. */
export class PostgresSpend implements SpendPort {
  constructor(
    private readonly sql: Sql,
    private readonly options: SpendOptions,
  ) {}

  async reserve(
    place: SpendPlace,
    call: { readonly model: string; readonly inputTokens: number; readonly maxOutputTokens: number },
  ): Promise<Reservation> {
    const price = priceOf(this.options.prices, call.model);
    const id = this.options.ids.next();
    const { number, decision } = await this.sql.transaction(async (tx) => {
      const open = await this.open(tx, place);
      const taskId = await ownedBy(tx, open);
      const made = decideReservation(price, call, open.limits, await spentAt(tx, open));
      if (made.kind === 'exceeded') noteStop(tx, open, made.exceeded);
      else insertCall(tx, open, taskId, { id, model: call.model, reserved: made.micros });
      return { number: open.plan.number, decision: made };
    });
    if (decision.kind === 'exceeded') throw exceeded(number, decision.exceeded);
    return { id, model: call.model, maxOutputTokens: decision.maxOutputTokens };
  }

  async settle({ id, model }: Reservation, usage: Usage): Promise<void> {
    const cost = costOf(priceOf(this.options.prices, model), usage);
    await this.sql.transaction(async (tx) => {
      const [plan] = await tx.rows<{ status: string }>(LOCK_PLAN_OF_CALL, [id]);
      // What is left open in an archive stays as it was sealed.
      if (plan === undefined || plan.status === 'archived') return;
      tx.send(SETTLE, [id, cost, ...tokensOf(usage)]);
    });
  }

  async record(
    place: SpendPlace,
    call: { readonly model: string; readonly usage: Usage; readonly costUsd: number | null },
  ): Promise<void> {
    const cost = this.costOf(call);
    await this.sql.transaction(async (tx) => {
      const open = await this.open(tx, place);
      const taskId = await placeOf(tx, open);
      insertCall(tx, open, taskId, {
        id: this.options.ids.next(),
        model: call.model,
        reserved: cost,
        usage: call.usage,
      });
    });
  }

  async left(place: SpendPlace): Promise<number | null> {
    const { number, tightest, spent } = await this.sql.transaction(async (tx) => {
      const open = await this.open(tx, place);
      await ownedBy(tx, open);
      const known = await spentAt(tx, open);
      const least = tightestLimit(open.limits, known);
      if (least?.left === 0) noteStop(tx, open, nothingLeft(least, known));
      return { number: open.plan.number, tightest: least, spent: known };
    });
    if (tightest === null) return null;
    if (tightest.left === 0) throw exceeded(number, nothingLeft(tightest, spent));
    return toUsd(tightest.left);
  }

  private costOf({ model, usage, costUsd }: { model: string; usage: Usage; costUsd: number | null }): Micros {
    if (costUsd !== null) return toMicros(Math.max(0, costUsd));
    const price = findPrice(this.options.prices, model);
    return price === null ? 0 : costOf(price, usage);
  }

  /**
   * Locks the plan, then the day: in this order everywhere, so that two reservations never wait for each other. Under
   * both, nothing that a limit is about can change.
   */
  private async open(tx: SqlTx, place: SpendPlace): Promise<OpenPlace> {
    const [[plan], [today]] = await Promise.all([
      tx.rows<LockedPlan>(LOCK_PLAN, [place.planId]),
      tx.rows<{ day: string }>(LOCK_DAY),
    ]);
    if (plan === undefined || plan.status === 'archived') throw new Fenced('plan');
    if (today === undefined) throw new Error('the database gave no day');
    return { place, plan, limits: limitsOf(plan.budget, this.options.limits), day: today.day };
  }
}

const LOCK_PLAN = `
  SELECT number, epoch, revision, status, budget FROM plans WHERE id = $1 AND deleted_at IS NULL FOR UPDATE`;

const LOCK_DAY = `
  INSERT INTO spend_days AS d (day) VALUES (${TODAY}) ON CONFLICT (day) DO UPDATE SET calls = d.calls
  RETURNING day::text`;

const LOCK_PLAN_OF_CALL = `
  SELECT p.status FROM plans p WHERE p.id = (SELECT plan_id FROM model_calls WHERE id = $1) FOR KEY SHARE OF p`;

/** Only once: what is settled stays. */
const SETTLE = `
  UPDATE model_calls
     SET status = 'settled', cost_micros = $2::bigint, input_tokens = $3, output_tokens = $4, cache_write_tokens = $5,
         cache_read_tokens = $6, settled_at = clock_timestamp()
   WHERE id = $1 AND status = 'reserved'`;

const INSERT = `
  INSERT INTO model_calls (id, plan_id, task_id, attempt_id, iteration_id, role, model, status, reserved_micros,
                           cost_micros, input_tokens, output_tokens, cache_write_tokens, cache_read_tokens, day,
                           created_at, settled_at)
  SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6, $7, CASE WHEN $8 THEN 'settled' ELSE 'reserved' END,
         $9::bigint, CASE WHEN $8 THEN $9::bigint END, $10, $11, $12, $13, $14::date, clock_timestamp(),
         CASE WHEN $8 THEN clock_timestamp() END`;

function spentAt(tx: SqlTx, { place, day }: OpenPlace): Promise<Spent> {
  return readSpent(tx, place.planId, 'attemptId' in place ? place.attemptId : place.iterationId, day);
}

const OWN_ATTEMPT = `
  SELECT task_id AS "taskId" FROM task_attempts
   WHERE id = $1 AND plan_id = $2 AND token = $3 AND epoch = $4 AND status = 'running'`;

/** Leased as attempts are, but it belongs to no epoch. */
const OWN_ITERATION = `
  SELECT NULL::uuid AS "taskId" FROM plan_iterations i
   WHERE i.id = $1 AND i.plan_id = $2 AND i.token = $3 AND i.status = 'running'`;

/** @returns the attempt's task. @throws Fenced when attempt or iteration is somebody else's by now, or has ended */
async function ownedBy(tx: SqlTx, { place, plan }: OpenPlace): Promise<string | null> {
  const [row] =
    'attemptId' in place
      ? await tx.rows<PlaceRow>(OWN_ATTEMPT, [place.attemptId, place.planId, place.token, plan.epoch])
      : await tx.rows<PlaceRow>(OWN_ITERATION, [place.iterationId, place.planId, place.token]);
  if (row === undefined) throw new Fenced('attemptId' in place ? 'attempt' : 'iteration');
  return row.taskId;
}

interface PlaceRow {
  readonly taskId: string | null;
}

/** As above, whoever has it now. */
async function placeOf(tx: SqlTx, { place }: OpenPlace): Promise<string | null> {
  const [row] =
    'attemptId' in place
      ? await tx.rows<PlaceRow>(
          'SELECT task_id AS "taskId" FROM task_attempts WHERE id = $1 AND plan_id = $2',
          [place.attemptId, place.planId],
        )
      : await tx.rows<PlaceRow>(
          'SELECT NULL::uuid AS "taskId" FROM plan_iterations WHERE id = $1 AND plan_id = $2',
          [place.iterationId, place.planId],
        );
  if (row === undefined) throw new Fenced('attemptId' in place ? 'attempt' : 'iteration');
  return row.taskId;
}

function insertCall(
  tx: SqlTx,
  { place, day }: OpenPlace,
  taskId: string | null,
  call: { readonly id: string; readonly model: string; readonly reserved: Micros; readonly usage?: Usage },
): void {
  const { id, model, reserved, usage } = call;
  const attemptId = 'attemptId' in place ? place.attemptId : null;
  const iterationId = 'iterationId' in place ? place.iterationId : null;
  const tokens = usage === undefined ? [0, 0, 0, 0] : tokensOf(usage);
  tx.send(INSERT, [
    ...[id, place.planId, taskId, attemptId, iterationId, place.role, model],
    ...[usage !== undefined, reserved, ...tokens, day],
  ]);
}

function tokensOf({ inputTokens, outputTokens, cacheWriteTokens, cacheReadTokens }: Usage): number[] {
  return [inputTokens, outputTokens, cacheWriteTokens, cacheReadTokens];
}

/** What a resume without more money is refused by. */
function noteStop(tx: SqlTx, { place, plan }: OpenPlace, { scope, limit, spent, needed }: Exceeded): void {
  const stop: BudgetStop = { scope, limit, spent, needed, revision: plan.revision };
  tx.send('UPDATE plans SET budget_stop = $2::jsonb WHERE id = $1', [place.planId, JSON.stringify(stop)]);
}

function nothingLeft({ scope, limit }: { scope: Exceeded['scope']; limit: Micros }, spent: Spent): Exceeded {
  return { scope, limit, spent: spent[scope], needed: 1 };
}

function exceeded(planNumber: number, of: Exceeded): BudgetExceeded {
  return new BudgetExceeded(of.scope, exceededSentence(planNumber, of));
}
