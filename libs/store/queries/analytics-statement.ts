import type { AnalyticsKey } from '#contracts/api/analytics.js';

/**
 * How an attempt is told from others, over the columns of `chosen`. What was claimed before its executor was kept is told
 * by its task.
 */
const GROUPS: { readonly [K in AnalyticsKey]: string } = {
  profile: 'c.profile',
  executor: 'c.executor',
  model: 'm.model',
  week: 'c.week',
};

/** Attempts that began: milestones and waits are nobody's work. */
const CHOSEN = `
  SELECT a.id, a.task_id, a.failure, a.profile->>'slug' AS profile,
         CASE WHEN a.by_hand THEN 'external'
              WHEN a.executor IS NOT NULL THEN a.executor
              WHEN t.executor->>'kind' = 'agent' THEN 'agent:' || (t.executor->'agent'->>'name')
              ELSE t.executor->>'kind' END AS executor,
         to_char(a.started_at AT TIME ZONE 'UTC', 'IYYY-"W"IW') AS week,
         a.failure IS NOT NULL AND a.number < t.attempt_count AS retried,
         a.status = 'passed' AND a.number = t.attempt_count AND t.status IN ('completed', 'satisfied') AS completed,
         CASE WHEN a.status NOT IN ('queued', 'running', 'executed')
              THEN extract(epoch FROM a.finished_at - a.started_at) * 1000 END AS ms
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

const SPENT = `
  SELECT attempt_id, model, sum(coalesce(cost_micros, reserved_micros)) AS micros, sum(input_tokens) AS input,
         sum(output_tokens) AS output, sum(cache_read_tokens) AS cache_read, sum(cache_write_tokens) AS cache_write,
         count(*) AS calls
    FROM model_calls WHERE attempt_id IS NOT NULL GROUP BY attempt_id, model`;

/**
 * One row for each group, and one for all. An attempt is a line with its facts, and one for each model that was called for
 * it with what that cost: so that both can be grouped by a model of their own.
 *
 * Parameters: failures that judge an attempt; plan, repository, first and last day, or null.
 */
export function analyticsStatement([first, second]: readonly AnalyticsKey[]): string {
  const one = first === undefined ? 'NULL::text' : GROUPS[first];
  const two = second === undefined ? 'NULL::text' : GROUPS[second];
  return `
  WITH chosen AS MATERIALIZED (${CHOSEN}),
  first AS (${FIRST}),
  lines AS (
    SELECT ${one} AS one, ${two} AS two, c.task_id, c.failure, c.retried, c.completed, c.ms, f.passed,
           NULL::bigint AS micros, NULL::bigint AS input, NULL::bigint AS output, NULL::bigint AS cache_read,
           NULL::bigint AS cache_write, NULL::bigint AS calls
      FROM chosen c LEFT JOIN first f ON f.id = c.id LEFT JOIN (${LAST_MODEL}) m ON m.attempt_id = c.id
    UNION ALL
    SELECT ${one}, ${two}, NULL, NULL, NULL, NULL, NULL, NULL, m.micros, m.input, m.output, m.cache_read,
           m.cache_write, m.calls
      FROM chosen c JOIN (${SPENT}) m ON m.attempt_id = c.id
  ),
  failures AS (
    SELECT one, two, level, jsonb_agg(jsonb_build_object('failure', failure, 'attempts', attempts, 'retries', retries)
                                      ORDER BY attempts DESC, failure) AS list
      FROM (SELECT one, two, grouping(one) AS level, failure, count(*) AS attempts,
                   count(*) FILTER (WHERE retried) AS retries
              FROM lines WHERE failure IS NOT NULL GROUP BY GROUPING SETS ((one, two, failure), (failure))) f
     GROUP BY one, two, level
  ),
  groups AS (
    SELECT one, two, grouping(one) AS level, count(task_id)::int AS attempts, count(DISTINCT task_id)::int AS tasks,
           (count(*) FILTER (WHERE completed))::int AS completed, count(passed)::int AS judged,
           (count(*) FILTER (WHERE passed))::int AS passed, (count(*) FILTER (WHERE retried))::int AS retries,
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY ms::float8) AS percentiles,
           sum(ms)::float8 AS "totalMs", coalesce(sum(micros), 0)::float8 AS micros,
           coalesce(sum(input), 0)::float8 AS "inputTokens", coalesce(sum(output), 0)::float8 AS "outputTokens",
           coalesce(sum(cache_read), 0)::float8 AS "cacheReadTokens",
           coalesce(sum(cache_write), 0)::float8 AS "cacheWriteTokens", coalesce(sum(calls), 0)::float8 AS calls
      FROM lines GROUP BY GROUPING SETS ((one, two), ())
  )
  SELECT g.*, g.level = 1 AS whole, coalesce(f.list, '[]') AS failures
    FROM groups g LEFT JOIN failures f
      ON f.level = g.level AND f.one IS NOT DISTINCT FROM g.one AND f.two IS NOT DISTINCT FROM g.two
   ORDER BY g.level, g.one COLLATE "C" NULLS LAST, g.two COLLATE "C" NULLS LAST`;
}
