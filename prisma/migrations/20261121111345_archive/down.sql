-- What was archived stays archived, and can change again; what was about to be is as it was.
DROP TRIGGER "plans_archived" ON "plans";
UPDATE "plans" SET "status" = CASE "archive"->>'from' WHEN 'paused' THEN 'cancelled' ELSE "archive"->>'from' END
 WHERE "status" = 'archiving';
DROP TRIGGER "phases_archived" ON "phases";
DROP TRIGGER "plan_tasks_archived" ON "plan_tasks";
DROP TRIGGER "plan_specs_archived" ON "plan_specs";
DROP TRIGGER "task_attempts_archived" ON "task_attempts";
DROP TRIGGER "verification_runs_archived" ON "verification_runs";
DROP TRIGGER "integrations_archived" ON "integrations";
DROP TRIGGER "code_snapshots_archived" ON "code_snapshots";
DROP TRIGGER "plan_iterations_archived" ON "plan_iterations";
DROP TRIGGER "plan_signals_archived" ON "plan_signals";
DROP TRIGGER "plan_events_archived" ON "plan_events";
DROP FUNCTION "remove_archived_plan"(uuid, text);
DROP TRIGGER "code_diffs_archived" ON "code_diffs";
DROP TRIGGER "task_dependencies_archived" ON "task_dependencies";
DROP FUNCTION "keep_archived_parts"();
DROP FUNCTION "keep_archived_rows"();
DROP FUNCTION "keep_archived_plan"();

DROP INDEX "plans_archiving_idx";
ALTER TABLE "plans" DROP CONSTRAINT "plans_archive_check";

DROP TABLE "removed_plans";
ALTER TABLE "plans" DROP COLUMN "archive";
