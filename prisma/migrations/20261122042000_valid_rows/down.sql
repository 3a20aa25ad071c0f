ALTER TABLE "task_attempts"
  DROP CONSTRAINT "task_attempts_valid_check",
  ADD CONSTRAINT "task_attempts_status_check" CHECK ("status" IN ('queued', 'running', 'executed', 'passed', 'rejected', 'inconclusive', 'errored', 'conflicted', 'lost', 'cancelled')),
  ADD CONSTRAINT "task_attempts_failure_check" CHECK ("failure" IN ('agent_failed', 'verification_failed', 'contract_breached', 'protected_path', 'scope_exceeded', 'limit_exceeded', 'review_rejected', 'conflict', 'infrastructure', 'quota', 'budget', 'unconfigured', 'lost', 'inconclusive', 'needs_replan', 'cancelled')),
  ADD CONSTRAINT "task_attempts_lease_seconds_check" CHECK ("lease_seconds" IS NULL OR ("by_hand" AND "lease_seconds" > 0));
DROP FUNCTION "valid_attempt"(text, text, int, boolean);

ALTER TABLE "plan_tasks"
  DROP CONSTRAINT "plan_tasks_valid_check",
  ADD CONSTRAINT "plan_tasks_status_check" CHECK ("status" IN ('pending', 'ready', 'awaiting_approval', 'waiting', 'claimed', 'queued', 'executing', 'verifying', 'awaiting_review', 'awaiting_answer', 'integrating', 'completed', 'satisfied', 'failed', 'skipped', 'blocked', 'cancelled')),
  ADD CONSTRAINT "plan_tasks_effect_check" CHECK ("effect" IN ('change', 'none')),
  ADD CONSTRAINT "plan_tasks_written_by_check" CHECK ("written_by" IN ('person', 'model')),
  ADD CONSTRAINT "plan_tasks_open_dependencies_check" CHECK ("open_dependencies" >= 0);
DROP FUNCTION "valid_task"(text, text, text, int);

ALTER TABLE "phases"
  DROP CONSTRAINT "phases_valid_check",
  ADD CONSTRAINT "phases_status_check" CHECK ("status" IN ('pending', 'running', 'awaiting_approval', 'completed', 'failed', 'cancelled', 'skipped')),
  ADD CONSTRAINT "phases_mode_check" CHECK ("mode" IN ('sequential', 'parallel', 'manual')),
  ADD CONSTRAINT "phases_approval_check" CHECK ("approval" IN ('none', 'before_task', 'before_integration', 'both')),
  ADD CONSTRAINT "phases_at_end_check" CHECK ("at_end" IN ('continue', 'approve', 'pause')),
  ADD CONSTRAINT "phases_concurrency_check" CHECK ("concurrency" > 0),
  ADD CONSTRAINT "phases_open_tasks_check" CHECK ("open_tasks" >= 0);
DROP FUNCTION "valid_phase"(text, text, text, text, int, int);

ALTER TABLE "plans"
  DROP CONSTRAINT "plans_valid_check",
  ADD CONSTRAINT "plans_status_check" CHECK ("status" IN ('draft', 'generating', 'ready', 'running', 'pausing', 'paused', 'cancelling', 'cancelled', 'completed', 'failed', 'rewinding', 'archiving', 'archived')),
  ADD CONSTRAINT "plans_pause_reason_check" CHECK ("pause_reason" IN ('user', 'task_failed', 'after_phase', 'approval', 'question', 'spec', 'budget', 'quota', 'needs_replan', 'contract_breached', 'delivery_conflict')),
  ADD CONSTRAINT "plans_window_check" CHECK ("active_tasks" >= 0 AND "concurrency" > 0 AND "open_phases" >= 0),
  ADD CONSTRAINT "plans_archive_check" CHECK ("archive" IS NOT NULL OR "status" NOT IN ('archiving', 'archived')),
  ADD CONSTRAINT "plans_budget_check" CHECK (jsonb_typeof("budget") = 'object'),
  ADD CONSTRAINT "plans_budget_stop_check" CHECK (jsonb_typeof("budget_stop") = 'object');
DROP FUNCTION "valid_plan"(text, text, int, int, int, boolean, jsonb, jsonb);
