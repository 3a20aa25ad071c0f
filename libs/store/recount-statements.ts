/** After an edit of the structure: everything that follows from it, from scratch and in two statements. */

/**
 * What each task waits for, and what that makes of those that nobody works on ($3): blocked behind a skipped task whose
 * work is missing; pending behind what is not done, or in a phase that does not run; else ready. One that awaits its
 * approval, or waits, goes on doing so, unless it waits for something else now ($4).
 */
export const RECOUNT_TASKS = `
  WITH RECURSIVE missing AS (
    SELECT d.task_id FROM plan_tasks s JOIN task_dependencies d ON d.depends_on_id = s.id
      JOIN plan_tasks t ON t.id = d.task_id
     WHERE s.plan_id = $1 AND s.status = 'skipped' AND s.verified IS NULL AND t.status = ANY($3::text[])
    UNION
    SELECT d.task_id FROM missing m JOIN task_dependencies d ON d.depends_on_id = m.task_id
      JOIN plan_tasks t ON t.id = d.task_id WHERE t.status = ANY($3::text[])),
  counted AS (
    SELECT w.id, w.phase_id, w.status,
           count(o.id) FILTER (WHERE o.status <> ALL($2::text[])
                                 AND NOT (o.status = 'skipped' AND o.verified IS NOT NULL))::int AS open
      FROM plan_tasks w
      LEFT JOIN task_dependencies d ON d.task_id = w.id
      LEFT JOIN plan_tasks o ON o.id = d.depends_on_id
     WHERE w.plan_id = $1 GROUP BY w.id),
  follows AS (
    SELECT c.id, c.open,
           CASE WHEN c.status <> ALL($3::text[]) THEN c.status
                WHEN c.id IN (SELECT task_id FROM missing) THEN 'blocked'
                WHEN c.open > 0 OR p.status <> 'running' THEN 'pending'
                WHEN c.status = 'awaiting_approval' THEN c.status
                WHEN c.status = 'waiting' AND c.id <> ALL($4::uuid[]) THEN c.status
                ELSE 'ready' END AS status
      FROM counted c JOIN phases p ON p.id = c.phase_id)
  UPDATE plan_tasks t
     SET open_dependencies = f.open,
         status = f.status,
         not_before = CASE WHEN t.status = 'waiting' AND f.status <> 'waiting' THEN NULL ELSE t.not_before END,
         announced_at = CASE WHEN f.status = t.status THEN t.announced_at END
    FROM follows f
   WHERE t.id = f.id AND (t.open_dependencies <> f.open OR t.status <> f.status)`;

export const RECOUNT_PHASES = `
  UPDATE phases h SET open_tasks = n.open
    FROM (SELECT p.id, count(t.id) FILTER (WHERE t.status <> ALL($2::text[]))::int AS open
            FROM phases p LEFT JOIN plan_tasks t ON t.phase_id = p.id WHERE p.plan_id = $1 GROUP BY p.id) n
   WHERE h.id = n.id AND h.open_tasks <> n.open`;
