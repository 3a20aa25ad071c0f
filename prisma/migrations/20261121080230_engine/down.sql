DROP FUNCTION "expect_rows"(bigint, bigint, text);

DROP INDEX "plan_tasks_waiting_idx";
DROP INDEX "task_attempts_under_way_idx";
DROP INDEX "plan_tasks_ready_waits_idx";

-- What only newer machines know becomes what older ones can go on with.
DELETE FROM "outbox" WHERE "kind" = 'notify';
UPDATE "integrations" SET "status" = 'rejected', "finished_at" = now() WHERE "status" = 'awaiting_review';
UPDATE "task_attempts" SET "failure" = 'verification_failed' WHERE "failure" = 'review_rejected';
UPDATE "plan_tasks" SET "status" = 'failed' WHERE "status" IN ('waiting', 'claimed');
UPDATE "phases" SET "approval" = 'before_task' WHERE "approval" IN ('before_integration', 'both');

ALTER TABLE "outbox"
  DROP CONSTRAINT "outbox_kind_check",
  ADD CONSTRAINT "outbox_kind_check" CHECK ("kind" IN ('deliver', 'publish'));

ALTER TABLE "integrations"
  DROP CONSTRAINT "integrations_status_check",
  ADD CONSTRAINT "integrations_status_check" CHECK ("status" IN ('queued', 'merging', 'verifying', 'verified', 'pushing', 'landed', 'conflicted', 'rejected', 'errored', 'cancelled'));

ALTER TABLE "task_attempts"
  DROP CONSTRAINT "task_attempts_failure_check",
  ADD CONSTRAINT "task_attempts_failure_check" CHECK ("failure" IN ('agent_failed', 'verification_failed', 'contract_breached', 'protected_path', 'scope_exceeded', 'limit_exceeded', 'conflict', 'infrastructure', 'quota', 'lost', 'inconclusive', 'needs_replan', 'cancelled'));

ALTER TABLE "plan_tasks"
  DROP CONSTRAINT "plan_tasks_effect_check",
  DROP CONSTRAINT "plan_tasks_status_check",
  ADD CONSTRAINT "plan_tasks_status_check" CHECK ("status" IN ('pending', 'ready', 'awaiting_approval', 'queued', 'executing', 'verifying', 'awaiting_review', 'integrating', 'completed', 'satisfied', 'failed', 'skipped', 'blocked', 'cancelled'));

ALTER TABLE "repositories" DROP CONSTRAINT "repositories_max_tasks_check";

ALTER TABLE "phases"
  DROP CONSTRAINT "phases_concurrency_check",
  DROP CONSTRAINT "phases_at_end_check",
  DROP CONSTRAINT "phases_approval_check",
  ADD CONSTRAINT "phases_approval_check" CHECK ("approval" IN ('none', 'before_task'));

DROP TABLE "plan_signals";

ALTER TABLE "integrations" DROP COLUMN "patch_id";
ALTER TABLE "task_attempts"
  DROP COLUMN "sandbox", DROP COLUMN "result", DROP COLUMN "actor_id", DROP COLUMN "by_hand",
  DROP COLUMN "violation_count", DROP COLUMN "patch_id";
ALTER TABLE "plan_tasks" DROP COLUMN "note", DROP COLUMN "effect", DROP COLUMN "approved_patch";
ALTER TABLE "repositories" DROP COLUMN "setup", DROP COLUMN "max_tasks";
ALTER TABLE "phases" DROP COLUMN "concurrency", DROP COLUMN "at_end";
ALTER TABLE "plans" DROP COLUMN "setup", DROP COLUMN "priority", DROP COLUMN "auto_commit";
