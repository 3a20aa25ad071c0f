ALTER TABLE "plan_tasks" DROP COLUMN "needs";
