import type { SpendView } from '#contracts/api/spend.js';
import { toUsd, type Micros } from '#domain/cost/money.js';
import { TODAY } from '../spend-reads.js';
import type { Sql } from '../sql.js';
import { COST_COLUMNS, toCostView, type CostRow } from './costs.js';

const DAYS = `
  SELECT s.day::text AS day, ${COST_COLUMNS}
    FROM spend_days s WHERE s.day > ${TODAY} - $1::int AND s.calls > 0 ORDER BY s.day DESC`;

const ALL = `SELECT ${COST_COLUMNS} FROM spend_days s`;

/** Named reads of money. */
export class SpendReader {
  constructor(
    private readonly sql: Sql,
    private readonly dayLimit: Micros | null,
  ) {}

  /** The last days, today included, and all that there ever were. */
  async spend(days: number): Promise<SpendView> {
    const [rows, all] = await this.sql.read((tx) =>
      Promise.all([tx.rows<CostRow & { day: string }>(DAYS, [days]), tx.rows<CostRow>(ALL)]),
    );
    return {
      days: rows.map(({ day, ...row }) => ({ day, ...toCostView([row]) })),
      total: toCostView(all),
      dayBudget: this.dayLimit === null ? null : toUsd(this.dayLimit),
    };
  }
}
