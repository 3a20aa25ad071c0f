-- AlterTable
ALTER TABLE "plans" ADD COLUMN     "budget" JSONB,
ADD COLUMN     "budget_stop" JSONB;

-- CreateTable
CREATE TABLE "model_calls" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "task_id" UUID,
    "attempt_id" UUID,
    "iteration_id" UUID,
    "role" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "input_tokens" BIGINT NOT NULL DEFAULT 0,
    "output_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_read_tokens" BIGINT NOT NULL DEFAULT 0,
    "reserved_micros" BIGINT NOT NULL,
    "cost_micros" BIGINT,
    "day" DATE NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "settled_at" TIMESTAMPTZ(6),

    CONSTRAINT "model_calls_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "spend_totals" (
    "subject" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "micros" BIGINT NOT NULL DEFAULT 0,
    "input_tokens" BIGINT NOT NULL DEFAULT 0,
    "output_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_read_tokens" BIGINT NOT NULL DEFAULT 0,
    "calls" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "spend_totals_pkey" PRIMARY KEY ("subject")
);

-- CreateTable
CREATE TABLE "spend_days" (
    "day" DATE NOT NULL,
    "micros" BIGINT NOT NULL DEFAULT 0,
    "input_tokens" BIGINT NOT NULL DEFAULT 0,
    "output_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_read_tokens" BIGINT NOT NULL DEFAULT 0,
    "calls" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "spend_days_pkey" PRIMARY KEY ("day")
);

-- CreateIndex
CREATE INDEX "model_calls_plan_id_idx" ON "model_calls"("plan_id");

-- CreateIndex
CREATE INDEX "model_calls_task_id_idx" ON "model_calls"("task_id");

-- CreateIndex
CREATE INDEX "model_calls_attempt_id_idx" ON "model_calls"("attempt_id");

-- CreateIndex
CREATE INDEX "model_calls_iteration_id_idx" ON "model_calls"("iteration_id");

-- CreateIndex
CREATE INDEX "model_calls_day_idx" ON "model_calls"("day");

-- CreateIndex
CREATE INDEX "spend_totals_plan_id_idx" ON "spend_totals"("plan_id");

-- AddForeignKey
ALTER TABLE "model_calls" ADD CONSTRAINT "model_calls_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_calls" ADD CONSTRAINT "model_calls_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "plan_tasks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_calls" ADD CONSTRAINT "model_calls_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "task_attempts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_calls" ADD CONSTRAINT "model_calls_iteration_id_fkey" FOREIGN KEY ("iteration_id") REFERENCES "plan_iterations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "spend_totals" ADD CONSTRAINT "spend_totals_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "plans"
  ADD CONSTRAINT "plans_budget_check" CHECK (jsonb_typeof("budget") = 'object'),
  ADD CONSTRAINT "plans_budget_stop_check" CHECK (jsonb_typeof("budget_stop") = 'object');

ALTER TABLE "model_calls"
  ADD CONSTRAINT "model_calls_status_check" CHECK ("status" IN ('reserved', 'settled')),
  ADD CONSTRAINT "model_calls_role_check" CHECK ("role" IN ('planner', 'reviewer', 'executor')),
  ADD CONSTRAINT "model_calls_place_check" CHECK (num_nonnulls("attempt_id", "iteration_id") = 1 AND num_nulls("attempt_id", "task_id") <> 1),
  ADD CONSTRAINT "model_calls_settled_check" CHECK (("status" = 'settled') = ("cost_micros" IS NOT NULL) AND ("status" = 'settled') = ("settled_at" IS NOT NULL)),
  ADD CONSTRAINT "model_calls_amounts_check" CHECK ("reserved_micros" >= 0 AND "cost_micros" >= 0 AND least("input_tokens", "output_tokens", "cache_write_tokens", "cache_read_tokens") >= 0);

ALTER TABLE "spend_totals" ADD CONSTRAINT "spend_totals_kind_check" CHECK ("kind" IN ('attempt', 'iteration', 'plan'));

-- Sums change with what they are sums of, in the same transaction, and by nothing else. The day first: whoever
-- reserves holds its row, so that two can never wait for each other.
CREATE FUNCTION "sum_model_call"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "add_micros" bigint := coalesce(NEW."cost_micros", NEW."reserved_micros");
  "add_input" bigint := NEW."input_tokens";
  "add_output" bigint := NEW."output_tokens";
  "add_write" bigint := NEW."cache_write_tokens";
  "add_read" bigint := NEW."cache_read_tokens";
  -- One that cost nothing was none.
  "add_calls" int := (NEW."status" = 'reserved' OR "add_micros" + "add_input" + "add_output" + "add_write" + "add_read" > 0)::int;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD."status" <> 'reserved' OR (NEW."id", NEW."plan_id", NEW."attempt_id", NEW."iteration_id", NEW."day")
       IS DISTINCT FROM (OLD."id", OLD."plan_id", OLD."attempt_id", OLD."iteration_id", OLD."day") THEN
      RAISE EXCEPTION 'model call % is settled, or another one', OLD."id" USING ERRCODE = 'restrict_violation';
    END IF;
    "add_micros" := "add_micros" - OLD."reserved_micros";
    "add_calls" := "add_calls" - 1;
  END IF;
  INSERT INTO "spend_days" AS d ("day", "micros", "input_tokens", "output_tokens", "cache_write_tokens", "cache_read_tokens", "calls")
  VALUES (NEW."day", "add_micros", "add_input", "add_output", "add_write", "add_read", "add_calls")
  ON CONFLICT ("day") DO UPDATE
     SET "micros" = d."micros" + excluded."micros", "input_tokens" = d."input_tokens" + excluded."input_tokens",
         "output_tokens" = d."output_tokens" + excluded."output_tokens",
         "cache_write_tokens" = d."cache_write_tokens" + excluded."cache_write_tokens",
         "cache_read_tokens" = d."cache_read_tokens" + excluded."cache_read_tokens", "calls" = d."calls" + excluded."calls";
  INSERT INTO "spend_totals" AS t ("subject", "plan_id", "kind", "micros", "input_tokens", "output_tokens", "cache_write_tokens", "cache_read_tokens", "calls")
  VALUES (NEW."plan_id", NEW."plan_id", 'plan', "add_micros", "add_input", "add_output", "add_write", "add_read", "add_calls"),
         (coalesce(NEW."attempt_id", NEW."iteration_id"), NEW."plan_id",
          CASE WHEN NEW."attempt_id" IS NULL THEN 'iteration' ELSE 'attempt' END, "add_micros", "add_input", "add_output", "add_write", "add_read", "add_calls")
  ON CONFLICT ("subject") DO UPDATE
     SET "micros" = t."micros" + excluded."micros", "input_tokens" = t."input_tokens" + excluded."input_tokens",
         "output_tokens" = t."output_tokens" + excluded."output_tokens",
         "cache_write_tokens" = t."cache_write_tokens" + excluded."cache_write_tokens",
         "cache_read_tokens" = t."cache_read_tokens" + excluded."cache_read_tokens", "calls" = t."calls" + excluded."calls";
  RETURN NULL;
END $$;

CREATE TRIGGER "model_calls_sums" AFTER INSERT OR UPDATE ON "model_calls"
  FOR EACH ROW EXECUTE FUNCTION "sum_model_call"();
CREATE TRIGGER "model_calls_archived" BEFORE INSERT OR UPDATE OR DELETE ON "model_calls"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"();
CREATE TRIGGER "spend_totals_archived" BEFORE INSERT OR UPDATE OR DELETE ON "spend_totals"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"();
