-- AlterTable
ALTER TABLE "verification_runs" ADD COLUMN     "judged_under" JSONB;
