import type { AnalyticsKey } from '#contracts/api/analytics.js';

/**
 * How an attempt `a` of a task `t` is told from others. What was claimed before its executor was kept is told by its task.
 * A model is not the attempt's but of its calls.
 */
const GROUPS: { readonly [K in AnalyticsKey]: string | null } = {
  profile: `a.profile->>'slug'`,
  executor: `CASE WHEN a.by_hand THEN 'external'
                  WHEN a.executor IS NOT NULL THEN a.executor
                  WHEN t.executor->>'kind' = 'agent' THEN 'agent:' || (t.executor->'agent'->>'name')
                  ELSE t.executor->>'kind' END`,
  model: null,
  week: `to_char(a.started_at AT TIME ZONE 'UTC', 'IYYY-"W"IW')`,
};

/** Attempts that began: milestones and waits are nobody's work. */
const chosen = (one: string, two: string) => `
  SELECT a.id, a.task_id, a.failure, ${one} AS one, ${two} AS two,
         a.failure IS NOT NULL AND a.number < t.attempt_count AS retried,
         a.status = 'passed' AND a.number = t.attempt_count AND t.status IN ('completed', 'satisfied') AS completed,
         CASE WHEN a.status NOT IN ('queued', 'running', 'executed')
              THEN extract(epoch FROM a.finished_at - a.started_at)::float8 * 1000 END AS ms
    FROM task_attempts a JOIN plan_tasks t ON t.id = a.task_id JOIN plans p ON p.id = a.plan_id
   WHERE p.deleted_at IS NULL AND t.executor->>'kind' NOT IN ('milestone', 'wait')
     AND ($2::uuid IS NULL OR a.plan_id = $2) AND ($3::uuid IS NULL OR p.repository_id = $3)
     AND a.started_at >= coalesce($4::date::timestamp AT TIME ZONE 'UTC', '-infinity')
     AND a.started_at < coalesce(($5::date + 1)::timestamp AT TIME ZONE 'UTC', 'infinity')`;

/** The first judged attempt of each task, whenever it was. */
const FIRST = `
  SELECT DISTINCT ON (a.task_id) a.id, a.status = 'passed' AS passed
    FROM task_attempts a
   WHERE a.task_id IN (SELECT task_id FROM chosen) AND (a.status = 'passed' OR a.failure = ANY ($1::text[]))
   ORDER BY a.task_id, a.number`;

const LAST_MODEL = `
  SELECT DISTINCT ON (attempt_id) attempt_id, model
    FROM model_calls WHERE attempt_id IS NOT NULL ORDER BY attempt_id, created_at DESC, id DESC`;

/** Sums are kept by attempt, and not by model. */
const SPENT = `
  SELECT subject AS attempt_id, micros, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, calls
    FROM spend_totals WHERE kind = 'attempt'`;
const SPENT_ON_MODELS = `
  SELECT attempt_id, model, coalesce(cost_micros, reserved_micros) AS micros, input_tokens, output_tokens,
         cache_read_tokens, cache_write_tokens, 1 AS calls
    FROM model_calls WHERE attempt_id IS NOT NULL`;

/** Groups, and all of them together as the one of level 1. Equal keys are equal where members are null, too. */
const KEY = `one, two, grouping(one) AS level, jsonb_build_array(one, two, grouping(one)) AS key`;
const GROUPED = `GROUP BY GROUPING SETS ((one, two), ())`;

const WORK = `
  SELECT ${KEY}, count(*)::int AS attempts, count(DISTINCT task_id)::int AS tasks,
         (count(*) FILTER (WHERE completed))::int AS completed, count(passed)::int AS judged,
         (count(*) FILTER (WHERE passed))::int AS passed, (count(*) FILTER (WHERE retried))::int AS retries,
         percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY ms) AS percentiles, sum(ms) AS "totalMs"
    FROM work ${GROUPED}`;

const MONEY = `
  SELECT ${KEY}, sum(micros)::float8 AS micros, sum(input_tokens)::float8 AS input,
         sum(output_tokens)::float8 AS output, sum(cache_read_tokens)::float8 AS cache_read,
         sum(cache_write_tokens)::float8 AS cache_write, sum(calls)::float8 AS calls
    FROM money ${GROUPED}`;

const FAILURES = `
  SELECT key, jsonb_agg(jsonb_build_object('failure', failure, 'attempts', attempts, 'retries', retries)
                        ORDER BY attempts DESC, failure) AS list
    FROM (SELECT jsonb_build_array(one, two, grouping(one)) AS key, failure, count(*) AS attempts,
                 count(*) FILTER (WHERE retried) AS retries
            FROM work WHERE failure IS NOT NULL GROUP BY GROUPING SETS ((one, two, failure), (failure))) f
   GROUP BY key`;

/** Attempts, money and failures of each group. */
const SUMS = `
  SELECT coalesce(w.one, m.one) AS one, coalesce(w.two, m.two) AS two, coalesce(w.level, m.level) = 1 AS whole,
         coalesce(w.attempts, 0) AS attempts, coalesce(w.tasks, 0) AS tasks, coalesce(w.completed, 0) AS completed,
         coalesce(w.judged, 0) AS judged, coalesce(w.passed, 0) AS passed, coalesce(w.retries, 0) AS retries,
         w.percentiles, w."totalMs", coalesce(f.list, '[]') AS failures, coalesce(m.micros, 0) AS micros,
         coalesce(m.input, 0) AS "inputTokens", coalesce(m.output, 0) AS "outputTokens",
         coalesce(m.cache_read, 0) AS "cacheReadTokens", coalesce(m.cache_write, 0) AS "cacheWriteTokens",
         coalesce(m.calls, 0) AS calls
    FROM (${WORK}) w FULL JOIN (${MONEY}) m USING (key) LEFT JOIN (${FAILURES}) f USING (key)`;

/**
 * One row for each group, and one for all. Attempts and money are grouped apart: by model, an attempt is in the group of
 * its last call, and what it cost in those of all its calls.
 *
 * Parameters: failures that judge an attempt; plan, repository, first and last day, or null.
 */
export function analyticsStatement(by: readonly AnalyticsKey[]): string {
  const isByModel = by.includes('model');
  const [one, two] = [0, 1].map((at) => {
    const key = by[at];
    const group = key === undefined ? null : GROUPS[key];
    return {
      inChosen: group ?? 'NULL::text',
      named: key === 'model' ? 'm.model' : `c.${at === 0 ? 'one' : 'two'}`,
    };
  }) as [Place, Place];
  return `
  WITH chosen AS MATERIALIZED (${chosen(one.inChosen, two.inChosen)}),
  work AS MATERIALIZED (
    SELECT ${one.named} AS one, ${two.named} AS two, c.task_id, c.failure, c.retried, c.completed, c.ms, f.passed
      FROM chosen c LEFT JOIN (${FIRST}) f ON f.id = c.id
      ${isByModel ? `LEFT JOIN (${LAST_MODEL}) m ON m.attempt_id = c.id` : ''}
  ),
  money AS (
    SELECT ${one.named} AS one, ${two.named} AS two, m.* FROM chosen c
      JOIN (${isByModel ? SPENT_ON_MODELS : SPENT}) m ON m.attempt_id = c.id
  )
  SELECT * FROM (${SUMS}) r ORDER BY whole, one COLLATE "C" NULLS LAST, two COLLATE "C" NULLS LAST`;
}

/** Where a key is told: of the attempt as it is chosen, and in what follows from that. */
interface Place {
  readonly inChosen: string;
  readonly named: string;
}
