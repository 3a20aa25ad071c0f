DROP TABLE "attempt_output";
DROP TABLE "attempt_messages";
DROP TABLE "task_questions";

-- What only newer machines know becomes what older ones can go on with.
ALTER TABLE "task_attempts" DISABLE TRIGGER "task_attempts_archived";
ALTER TABLE "plan_tasks" DISABLE TRIGGER "plan_tasks_archived";
UPDATE "task_attempts" SET "failure" = 'agent_failed' WHERE "failure" IN ('budget', 'unconfigured');
UPDATE "plan_tasks" SET "status" = 'failed' WHERE "status" = 'awaiting_answer';
ALTER TABLE "plan_tasks" ENABLE TRIGGER "plan_tasks_archived";
ALTER TABLE "task_attempts" ENABLE TRIGGER "task_attempts_archived";

ALTER TABLE "task_attempts"
  DROP CONSTRAINT "task_attempts_failure_check",
  ADD CONSTRAINT "task_attempts_failure_check" CHECK ("failure" IN ('agent_failed', 'verification_failed', 'contract_breached', 'protected_path', 'scope_exceeded', 'limit_exceeded', 'review_rejected', 'conflict', 'infrastructure', 'quota', 'lost', 'inconclusive', 'needs_replan', 'cancelled'));

ALTER TABLE "plan_tasks"
  DROP CONSTRAINT "plan_tasks_status_check",
  ADD CONSTRAINT "plan_tasks_status_check" CHECK ("status" IN ('pending', 'ready', 'awaiting_approval', 'waiting', 'claimed', 'queued', 'executing', 'verifying', 'awaiting_review', 'integrating', 'completed', 'satisfied', 'failed', 'skipped', 'blocked', 'cancelled'));
