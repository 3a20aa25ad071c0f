-- AlterTable
ALTER TABLE "plans" ADD COLUMN     "revision" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "task_counter" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "plan_tasks" ADD COLUMN     "place" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "retry_base" INTEGER NOT NULL DEFAULT 0;

-- Plans from before: their tasks stand in the order of their numbers.
UPDATE "plans" p SET "task_counter" = (SELECT coalesce(max("number"), 0) FROM "plan_tasks" t WHERE t."plan_id" = p."id");
UPDATE "plan_tasks" t SET "place" = o."place"
  FROM (SELECT "id", row_number() OVER (PARTITION BY "phase_id" ORDER BY "number") AS "place" FROM "plan_tasks") o
 WHERE o."id" = t."id";

-- The dispatcher reads ready tasks in the order of their phase.
DROP INDEX "plan_tasks_ready_idx";
CREATE INDEX "plan_tasks_ready_idx" ON "plan_tasks" ("plan_id", "place", "number") WHERE "status" = 'ready';

-- A plan that never started may be deleted with its events, by this function and in no other way.
CREATE OR REPLACE FUNCTION "forbid_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' AND OLD."plan_id"::text = current_setting('planwright.deleting', true) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION "delete_unstarted_plan"("target" uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM "plans" WHERE "id" = "target" AND "status" IN ('draft', 'ready') AND "started_at" IS NULL FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM set_config('planwright.deleting', "target"::text, true);
  DELETE FROM "plan_events" WHERE "plan_id" = "target";
  DELETE FROM "outbox" WHERE "plan_id" = "target";
  DELETE FROM "plans" WHERE "id" = "target";
  PERFORM set_config('planwright.deleting', '', true);
  RETURN true;
END $$;

-- The feed across plans reads settled transactions in order.
CREATE INDEX "plan_events_feed_idx" ON "plan_events" ("txid", "id");
