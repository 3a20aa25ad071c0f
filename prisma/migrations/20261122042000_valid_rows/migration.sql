-- A condition of a table is read anew, from its stored tree, by each statement that writes to the table: the lists of allowed
-- values were a sixth of what a step's write costs. A function is read once by each connection.

CREATE FUNCTION "valid_plan"(
  "status" text, "pause_reason" text, "active_tasks" int, "concurrency" int, "open_phases" int, "has_archive" boolean,
  "budget" jsonb, "budget_stop" jsonb
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN "status" IN ('draft', 'generating', 'ready', 'running', 'pausing', 'paused', 'cancelling', 'cancelled', 'completed', 'failed', 'rewinding', 'archiving', 'archived')
    AND ("pause_reason" IS NULL OR "pause_reason" IN ('user', 'task_failed', 'after_phase', 'approval', 'question', 'spec', 'budget', 'quota', 'needs_replan', 'contract_breached', 'delivery_conflict'))
    AND "active_tasks" >= 0 AND "concurrency" > 0 AND "open_phases" >= 0
    AND ("has_archive" OR "status" NOT IN ('archiving', 'archived'))
    AND ("budget" IS NULL OR jsonb_typeof("budget") = 'object')
    AND ("budget_stop" IS NULL OR jsonb_typeof("budget_stop") = 'object');
END $$;
ALTER TABLE "plans"
  DROP CONSTRAINT "plans_status_check",
  DROP CONSTRAINT "plans_pause_reason_check",
  DROP CONSTRAINT "plans_window_check",
  DROP CONSTRAINT "plans_archive_check",
  DROP CONSTRAINT "plans_budget_check",
  DROP CONSTRAINT "plans_budget_stop_check",
  ADD CONSTRAINT "plans_valid_check" CHECK ("valid_plan"(
    "status", "pause_reason", "active_tasks", "concurrency", "open_phases", "archive" IS NOT NULL, "budget", "budget_stop"));

CREATE FUNCTION "valid_phase"(
  "status" text, "mode" text, "approval" text, "at_end" text, "concurrency" int, "open_tasks" int
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN "status" IN ('pending', 'running', 'awaiting_approval', 'completed', 'failed', 'cancelled', 'skipped')
    AND "mode" IN ('sequential', 'parallel', 'manual')
    AND "approval" IN ('none', 'before_task', 'before_integration', 'both')
    AND "at_end" IN ('continue', 'approve', 'pause')
    AND ("concurrency" IS NULL OR "concurrency" > 0) AND "open_tasks" >= 0;
END $$;
ALTER TABLE "phases"
  DROP CONSTRAINT "phases_status_check",
  DROP CONSTRAINT "phases_mode_check",
  DROP CONSTRAINT "phases_approval_check",
  DROP CONSTRAINT "phases_at_end_check",
  DROP CONSTRAINT "phases_concurrency_check",
  DROP CONSTRAINT "phases_open_tasks_check",
  ADD CONSTRAINT "phases_valid_check" CHECK ("valid_phase"(
    "status", "mode", "approval", "at_end", "concurrency", "open_tasks"));

CREATE FUNCTION "valid_task"("status" text, "effect" text, "written_by" text, "open_dependencies" int)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN "status" IN ('pending', 'ready', 'awaiting_approval', 'waiting', 'claimed', 'queued', 'executing', 'verifying', 'awaiting_review', 'awaiting_answer', 'integrating', 'completed', 'satisfied', 'failed', 'skipped', 'blocked', 'cancelled')
    AND "effect" IN ('change', 'none')
    AND ("written_by" IS NULL OR "written_by" IN ('person', 'model'))
    AND "open_dependencies" >= 0;
END $$;
ALTER TABLE "plan_tasks"
  DROP CONSTRAINT "plan_tasks_status_check",
  DROP CONSTRAINT "plan_tasks_effect_check",
  DROP CONSTRAINT "plan_tasks_written_by_check",
  DROP CONSTRAINT "plan_tasks_open_dependencies_check",
  ADD CONSTRAINT "plan_tasks_valid_check" CHECK ("valid_task"("status", "effect", "written_by", "open_dependencies"));

CREATE FUNCTION "valid_attempt"("status" text, "failure" text, "lease_seconds" int, "by_hand" boolean)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN "status" IN ('queued', 'running', 'executed', 'passed', 'rejected', 'inconclusive', 'errored', 'conflicted', 'lost', 'cancelled')
    AND ("failure" IS NULL OR "failure" IN ('agent_failed', 'verification_failed', 'contract_breached', 'protected_path', 'scope_exceeded', 'limit_exceeded', 'review_rejected', 'conflict', 'infrastructure', 'quota', 'budget', 'unconfigured', 'lost', 'inconclusive', 'needs_replan', 'cancelled'))
    AND ("lease_seconds" IS NULL OR ("by_hand" AND "lease_seconds" > 0));
END $$;
ALTER TABLE "task_attempts"
  DROP CONSTRAINT "task_attempts_status_check",
  DROP CONSTRAINT "task_attempts_failure_check",
  DROP CONSTRAINT "task_attempts_lease_seconds_check",
  ADD CONSTRAINT "task_attempts_valid_check" CHECK ("valid_attempt"("status", "failure", "lease_seconds", "by_hand"));
