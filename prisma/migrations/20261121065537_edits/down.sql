DROP INDEX "plan_events_feed_idx";

DROP FUNCTION "delete_unstarted_plan"(uuid);

CREATE OR REPLACE FUNCTION "forbid_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

DROP INDEX "plan_tasks_ready_idx";
CREATE INDEX "plan_tasks_ready_idx" ON "plan_tasks" ("plan_id", "number") WHERE "status" = 'ready';

ALTER TABLE "plan_tasks" DROP COLUMN "place", DROP COLUMN "retry_base";

ALTER TABLE "plans" DROP COLUMN "task_counter", DROP COLUMN "revision";
