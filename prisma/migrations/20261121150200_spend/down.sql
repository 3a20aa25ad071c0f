DROP TABLE "model_calls";
DROP TABLE "spend_totals";
DROP TABLE "spend_days";
DROP FUNCTION "sum_model_call"();

ALTER TABLE "plans" DROP COLUMN "budget", DROP COLUMN "budget_stop";
