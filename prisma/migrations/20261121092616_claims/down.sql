DROP INDEX "plan_tasks_unannounced_idx";

ALTER TABLE "plan_tasks" DROP COLUMN "announced_at";
