DROP TABLE "judgements";
ALTER TABLE "plan_specs" DROP COLUMN "on_base";
