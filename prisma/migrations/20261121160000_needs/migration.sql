-- AlterTable
ALTER TABLE "plan_tasks" ADD COLUMN     "needs" JSONB NOT NULL DEFAULT '[]';
