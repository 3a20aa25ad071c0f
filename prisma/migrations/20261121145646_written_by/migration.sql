-- AlterTable
ALTER TABLE "plan_tasks" ADD COLUMN     "written_by" TEXT NOT NULL DEFAULT 'person';

ALTER TABLE "plan_tasks" ADD CONSTRAINT "plan_tasks_written_by_check" CHECK ("written_by" IN ('person', 'model'));
