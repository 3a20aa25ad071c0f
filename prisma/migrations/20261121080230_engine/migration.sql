-- AlterTable
ALTER TABLE "plans" ADD COLUMN     "auto_commit" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "priority" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "setup" JSONB;

-- AlterTable
ALTER TABLE "phases" ADD COLUMN     "at_end" TEXT NOT NULL DEFAULT 'continue',
ADD COLUMN     "concurrency" INTEGER;

-- AlterTable
ALTER TABLE "repositories" ADD COLUMN     "max_tasks" INTEGER,
ADD COLUMN     "setup" JSONB;

-- AlterTable
ALTER TABLE "plan_tasks" ADD COLUMN     "approved_patch" TEXT,
ADD COLUMN     "effect" TEXT NOT NULL DEFAULT 'change',
ADD COLUMN     "note" TEXT;

-- AlterTable
ALTER TABLE "task_attempts" ADD COLUMN     "actor_id" UUID,
ADD COLUMN     "by_hand" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "patch_id" TEXT,
ADD COLUMN     "result" JSONB,
ADD COLUMN     "sandbox" TEXT,
ADD COLUMN     "violation_count" INTEGER;

-- AlterTable
ALTER TABLE "integrations" ADD COLUMN     "patch_id" TEXT;

-- CreateTable
CREATE TABLE "plan_signals" (
    "plan_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "actor_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "plan_signals_pkey" PRIMARY KEY ("plan_id","name")
);

-- AddForeignKey
ALTER TABLE "plan_signals" ADD CONSTRAINT "plan_signals_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_signals" ADD CONSTRAINT "plan_signals_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_attempts" ADD CONSTRAINT "task_attempts_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actors"("id") ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE "phases"
  DROP CONSTRAINT "phases_approval_check",
  ADD CONSTRAINT "phases_approval_check" CHECK ("approval" IN ('none', 'before_task', 'before_integration', 'both')),
  ADD CONSTRAINT "phases_at_end_check" CHECK ("at_end" IN ('continue', 'approve', 'pause')),
  ADD CONSTRAINT "phases_concurrency_check" CHECK ("concurrency" > 0);

ALTER TABLE "repositories" ADD CONSTRAINT "repositories_max_tasks_check" CHECK ("max_tasks" > 0);

ALTER TABLE "plan_tasks"
  DROP CONSTRAINT "plan_tasks_status_check",
  ADD CONSTRAINT "plan_tasks_status_check" CHECK ("status" IN ('pending', 'ready', 'awaiting_approval', 'waiting', 'claimed', 'queued', 'executing', 'verifying', 'awaiting_review', 'integrating', 'completed', 'satisfied', 'failed', 'skipped', 'blocked', 'cancelled')),
  ADD CONSTRAINT "plan_tasks_effect_check" CHECK ("effect" IN ('change', 'none'));

ALTER TABLE "task_attempts"
  DROP CONSTRAINT "task_attempts_failure_check",
  ADD CONSTRAINT "task_attempts_failure_check" CHECK ("failure" IN ('agent_failed', 'verification_failed', 'contract_breached', 'protected_path', 'scope_exceeded', 'limit_exceeded', 'review_rejected', 'conflict', 'infrastructure', 'quota', 'lost', 'inconclusive', 'needs_replan', 'cancelled'));

ALTER TABLE "integrations"
  DROP CONSTRAINT "integrations_status_check",
  ADD CONSTRAINT "integrations_status_check" CHECK ("status" IN ('queued', 'merging', 'verifying', 'verified', 'pushing', 'awaiting_review', 'landed', 'conflicted', 'rejected', 'errored', 'cancelled'));

ALTER TABLE "outbox"
  DROP CONSTRAINT "outbox_kind_check",
  ADD CONSTRAINT "outbox_kind_check" CHECK ("kind" IN ('deliver', 'publish', 'notify'));

-- Read with every claim, failure and pause, however many attempts a plan had, or tasks it has.
CREATE INDEX "task_attempts_under_way_idx" ON "task_attempts" ("plan_id", "status") WHERE "status" IN ('queued', 'running');
CREATE INDEX "plan_tasks_ready_waits_idx" ON "plan_tasks" ("plan_id") WHERE "status" = 'ready' AND "executor"->>'kind' = 'wait';

-- Waits whose time has come.
CREATE INDEX "plan_tasks_waiting_idx" ON "plan_tasks" ("not_before") WHERE "status" = 'waiting';

-- A guarded write that met no row ends its transaction; the client need not look before it commits.
CREATE FUNCTION "expect_rows"("actual" bigint, "expected" bigint, "what" text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF "actual" <> "expected" THEN
    RAISE EXCEPTION 'fenced: %', "what" USING ERRCODE = 'PW001';
  END IF;
END $$;
