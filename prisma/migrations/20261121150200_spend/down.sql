-- Also of archived plans: an older version knows no such failure.
ALTER TABLE "task_attempts" DISABLE TRIGGER "task_attempts_archived";
UPDATE "task_attempts" SET "failure" = 'limit_exceeded' WHERE "failure" = 'budget';
ALTER TABLE "task_attempts" ENABLE TRIGGER "task_attempts_archived";
ALTER TABLE "task_attempts"
  DROP CONSTRAINT "task_attempts_failure_check",
  ADD CONSTRAINT "task_attempts_failure_check" CHECK ("failure" IN ('agent_failed', 'verification_failed', 'contract_breached', 'protected_path', 'scope_exceeded', 'limit_exceeded', 'review_rejected', 'conflict', 'infrastructure', 'quota', 'unconfigured', 'lost', 'inconclusive', 'needs_replan', 'cancelled'));

DROP TABLE "model_calls";
DROP TABLE "spend_totals";
DROP TABLE "spend_days";
DROP FUNCTION "sum_model_call"();

ALTER TABLE "plans" DROP COLUMN "budget", DROP COLUMN "budget_stop";
