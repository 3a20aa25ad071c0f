-- AlterTable
ALTER TABLE "task_attempts" ADD COLUMN     "lease_seconds" INTEGER;

-- Only a claim by hand says how long its lease is: a worker's is configured.
ALTER TABLE "task_attempts" ADD CONSTRAINT "task_attempts_lease_seconds_check"
  CHECK ("lease_seconds" IS NULL OR ("by_hand" AND "lease_seconds" > 0));

-- Whoever looks for work asks for these, over all plans.
CREATE INDEX "plan_tasks_ready_external_idx" ON "plan_tasks" ("plan_id") WHERE "status" = 'ready' AND "executor"->>'kind' = 'external';
