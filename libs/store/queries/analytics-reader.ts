import type { AnalyticsKey, AnalyticsRow, AnalyticsSums, AnalyticsView } from '#contracts/api/analytics.js';
import { FAILURE_COST, FAILURES } from '#domain/plan/retry.js';
import type { Analytics, AnalyticsQuestion } from '#engine/ports/analytics.port.js';
import type { Sql } from '../sql.js';
import { analyticsStatement } from './analytics-statement.js';

/** Failures that say something of the work: others are of machines, limits and people. */
const JUDGING = FAILURES.filter((failure) => FAILURE_COST[failure] === 'attempt');

/** This reads whole tables, and is asked rarely: what keeps writes quick would make it slow. */
const PLANNING = `
  SELECT set_config(name, value, true)
    FROM (VALUES ('enable_seqscan', 'on'), ('enable_hashjoin', 'on'), ('enable_mergejoin', 'on'),
                 ('plan_cache_mode', 'force_custom_plan'), ('work_mem', '32MB')) AS v(name, value)`;

interface Row extends Omit<AnalyticsSums, 'firstPass' | 'duration' | 'cost'> {
  readonly one: string | null;
  readonly two: string | null;
  /** All groups together. */
  readonly whole: boolean;
  readonly judged: number;
  readonly passed: number;
  readonly percentiles: readonly [number, number] | null;
  readonly totalMs: number | null;
  readonly micros: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly calls: number;
}

/** Analytics over what is stored of attempts and calls. */
export class AnalyticsReader implements Analytics {
  constructor(private readonly sql: Sql) {}

  async analytics({ by, planId, repositoryId, from, to }: AnalyticsQuestion): Promise<AnalyticsView> {
    const values = [JUDGING, planId ?? null, repositoryId ?? null, from ?? null, to ?? null];
    const rows = await this.sql.read(async (tx) => {
      await tx.rows(PLANNING);
      return tx.rows<Row>(analyticsStatement(by), values);
    });
    const total = rows.find(({ whole }) => whole);
    if (total === undefined) throw new Error('sums over nothing are a row, too');
    const groups = rows.filter(({ whole }) => !whole);
    return {
      by: [...by],
      rows: groups.map((row) => ({ ...keysOf(by, row), ...toSums(row) })),
      total: toSums(total),
    };
  }
}

function keysOf(
  [first, second]: readonly AnalyticsKey[],
  { one, two }: Row,
): Pick<AnalyticsRow, AnalyticsKey> {
  return {
    ...(first === undefined ? {} : { [first]: one }),
    ...(second === undefined ? {} : { [second]: two }),
  };
}

function toSums(row: Row): AnalyticsSums {
  const { attempts, tasks, completed, judged, passed, retries, failures, percentiles, totalMs, micros } = row;
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, calls } = row;
  const microsPerTask = completed === 0 ? null : Math.round(micros / completed);
  return {
    attempts,
    tasks,
    completed,
    firstPass: {
      judged,
      passed,
      rate: judged === 0 ? null : Math.round((passed / judged) * 10_000) / 10_000,
    },
    retries,
    failures,
    duration:
      percentiles === null || totalMs === null
        ? null
        : {
            p50: Math.round(percentiles[0]),
            p95: Math.round(percentiles[1]),
            total: Math.round(totalMs),
          },
    cost: { micros, microsPerTask, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, calls },
  };
}
