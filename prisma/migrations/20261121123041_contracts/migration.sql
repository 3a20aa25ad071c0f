-- AlterTable
ALTER TABLE "plan_tasks" ADD COLUMN     "supersedes" JSONB NOT NULL DEFAULT '[]';

-- What finished tasks proved is asked for by every verification: of a plan without specs, nothing is read.
CREATE INDEX "plan_tasks_finished_idx" ON "plan_tasks" ("plan_id", "completed_at")
  WHERE "status" IN ('completed', 'satisfied') AND ("spec_id" IS NOT NULL OR "supersedes" <> '[]');
