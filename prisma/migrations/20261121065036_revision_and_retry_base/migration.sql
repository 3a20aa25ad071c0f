-- AlterTable
ALTER TABLE "plans" ADD COLUMN     "revision" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "plan_tasks" ADD COLUMN     "retry_base" INTEGER NOT NULL DEFAULT 0;
