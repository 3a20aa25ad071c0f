-- AlterTable
ALTER TABLE "plan_tasks" ADD COLUMN     "announced_at" TIMESTAMPTZ(6);

-- Every dispatch looks for those that nobody has been told of.
CREATE INDEX "plan_tasks_unannounced_idx" ON "plan_tasks" ("plan_id") WHERE "status" = 'ready' AND "executor"->>'kind' = 'external' AND "announced_at" IS NULL;
