-- AlterTable
ALTER TABLE "plans" ADD COLUMN     "archive" JSONB;

-- CreateTable
CREATE TABLE "removed_plans" (
    "plan_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "archive" JSONB NOT NULL,
    "event_seq" INTEGER NOT NULL,
    "event_hash" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "removed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "removed_plans_pkey" PRIMARY KEY ("plan_id")
);

ALTER TABLE "plans" ADD CONSTRAINT "plans_archive_check" CHECK ("archive" IS NOT NULL OR "status" NOT IN ('archiving', 'archived'));

CREATE INDEX "plans_archiving_idx" ON "plans" ("number") WHERE "status" = 'archiving';

-- An archived plan never changes again: whoever tries is refused, whatever way they came. Only the tombstone may be set,
-- once; and retention removes it whole, by `remove_archived_plan`.
CREATE FUNCTION "keep_archived_plan"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD."deleted_at" IS NULL AND to_jsonb(NEW) - 'deleted_at' = to_jsonb(OLD) - 'deleted_at' THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' AND OLD."id"::text = current_setting('planwright.deleting', true) THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'plan % is archived: nothing of it can change', OLD."id" USING ERRCODE = 'restrict_violation';
END $$;

-- One look at the plan's row, which whoever writes here has just locked: some 4 microseconds a row.
CREATE FUNCTION "keep_archived_rows"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "target" uuid;
BEGIN
  IF TG_OP = 'INSERT' THEN "target" := NEW."plan_id"; ELSE "target" := OLD."plan_id"; END IF;
  PERFORM 1 FROM "plans" WHERE "id" = "target" AND "status" = 'archived';
  IF FOUND AND "target"::text IS DISTINCT FROM current_setting('planwright.deleting', true) THEN
    RAISE EXCEPTION 'plan % is archived: nothing of it can change', "target" USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF TG_OP = 'UPDATE' AND NEW."plan_id" <> OLD."plan_id" THEN
    RAISE EXCEPTION 'a row of % cannot change its plan', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

-- Rows that name their plan by another row; with that row gone, so are they.
CREATE FUNCTION "keep_archived_parts"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "part" record;
  "target" uuid;
BEGIN
  IF TG_OP = 'INSERT' THEN "part" := NEW; ELSE "part" := OLD; END IF;
  IF TG_TABLE_NAME = 'code_diffs' THEN
    SELECT "plan_id" INTO "target" FROM "code_snapshots" WHERE "id" = "part"."snapshot_id";
  ELSE
    SELECT "plan_id" INTO "target" FROM "plan_tasks" WHERE "id" = "part"."task_id";
  END IF;
  PERFORM 1 FROM "plans" WHERE "id" = "target" AND "status" = 'archived';
  IF FOUND AND "target"::text IS DISTINCT FROM current_setting('planwright.deleting', true) THEN
    RAISE EXCEPTION 'plan % is archived: nothing of it can change', "target" USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER "plans_archived" BEFORE UPDATE OR DELETE ON "plans"
  FOR EACH ROW WHEN (OLD."status" = 'archived') EXECUTE FUNCTION "keep_archived_plan"();
CREATE TRIGGER "phases_archived" BEFORE INSERT OR UPDATE OR DELETE ON "phases"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"();
CREATE TRIGGER "plan_tasks_archived" BEFORE INSERT OR UPDATE OR DELETE ON "plan_tasks"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"();
CREATE TRIGGER "plan_specs_archived" BEFORE INSERT OR UPDATE OR DELETE ON "plan_specs"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"();
CREATE TRIGGER "task_attempts_archived" BEFORE INSERT OR UPDATE OR DELETE ON "task_attempts"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"();
CREATE TRIGGER "verification_runs_archived" BEFORE INSERT OR UPDATE OR DELETE ON "verification_runs"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"();
CREATE TRIGGER "integrations_archived" BEFORE INSERT OR UPDATE OR DELETE ON "integrations"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"();
CREATE TRIGGER "code_snapshots_archived" BEFORE INSERT OR UPDATE OR DELETE ON "code_snapshots"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"();
CREATE TRIGGER "plan_iterations_archived" BEFORE INSERT OR UPDATE OR DELETE ON "plan_iterations"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"();
CREATE TRIGGER "plan_signals_archived" BEFORE INSERT OR UPDATE OR DELETE ON "plan_signals"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"();
CREATE TRIGGER "plan_events_archived" BEFORE INSERT OR UPDATE OR DELETE ON "plan_events"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"();

CREATE TRIGGER "code_diffs_archived" BEFORE INSERT OR UPDATE OR DELETE ON "code_diffs"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_parts"();
CREATE TRIGGER "task_dependencies_archived" BEFORE INSERT OR UPDATE OR DELETE ON "task_dependencies"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_parts"();

CREATE TRIGGER "removed_plans_append_only" BEFORE UPDATE OR DELETE ON "removed_plans"
  FOR EACH ROW EXECUTE FUNCTION "forbid_change"();

-- Retention: the one way in which an archived plan goes. What it was, and why it went, stays.
CREATE FUNCTION "remove_archived_plan"("target" uuid, "why" text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(trim("why"), '') = '' THEN
    RAISE EXCEPTION 'a reason is needed to remove an archived plan' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM 1 FROM "plans" WHERE "id" = "target" AND "status" = 'archived' FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO "removed_plans" ("plan_id", "number", "name", "archive", "event_seq", "event_hash", "reason")
  SELECT "id", "number", "name", "archive", "event_seq", "event_hash", "why" FROM "plans" WHERE "id" = "target";
  PERFORM set_config('planwright.deleting', "target"::text, true);
  DELETE FROM "plan_events" WHERE "plan_id" = "target";
  DELETE FROM "outbox" WHERE "plan_id" = "target";
  DELETE FROM "plans" WHERE "id" = "target";
  PERFORM set_config('planwright.deleting', '', true);
  RETURN true;
END $$;
