DROP TABLE
  "actors",
  "plan_events",
  "outbox",
  "idempotency_keys",
  "plans",
  "phases",
  "plan_iterations",
  "repositories",
  "code_snapshots",
  "code_diffs",
  "plan_tasks",
  "task_dependencies",
  "plan_specs",
  "task_attempts",
  "verification_runs",
  "integrations"
CASCADE;

DROP FUNCTION "forbid_change"();
