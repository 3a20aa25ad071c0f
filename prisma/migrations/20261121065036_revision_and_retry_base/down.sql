ALTER TABLE "plan_tasks" DROP COLUMN "retry_base";

ALTER TABLE "plans" DROP COLUMN "revision";
