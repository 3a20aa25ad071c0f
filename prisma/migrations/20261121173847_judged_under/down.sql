ALTER TABLE "verification_runs" DROP COLUMN "judged_under";
