DROP INDEX "plan_tasks_finished_idx";
ALTER TABLE "plan_tasks" DROP COLUMN "supersedes";
