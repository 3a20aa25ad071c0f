-- AlterTable
ALTER TABLE "task_attempts" ADD COLUMN     "executor" TEXT;
