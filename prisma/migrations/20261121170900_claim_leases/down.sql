DROP INDEX "plan_tasks_ready_external_idx";
ALTER TABLE "task_attempts" DROP COLUMN "lease_seconds";
