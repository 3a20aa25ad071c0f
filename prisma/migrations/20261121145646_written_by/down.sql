ALTER TABLE "plan_tasks" DROP COLUMN "written_by";
