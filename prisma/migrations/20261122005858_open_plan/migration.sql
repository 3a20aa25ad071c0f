-- Whoever holds a plan's lock has seen that it is not archived, and says so for the transaction (`planwright.open_plan`):
-- its rows are then not asked for it one by one. Anybody else is refused by the function, as before.
DO $$
DECLARE
  "name" text;
  "open" CONSTANT text := 'current_setting(''planwright.open_plan'', true) IS DISTINCT FROM %s."plan_id"::text';
BEGIN
  FOREACH "name" IN ARRAY ARRAY[
    'phases', 'plan_tasks', 'plan_specs', 'task_attempts', 'verification_runs', 'integrations', 'code_snapshots',
    'plan_iterations', 'plan_signals', 'plan_events', 'plan_rewinds', 'plan_deliveries', 'task_questions',
    'model_calls', 'spend_totals']
  LOOP
    EXECUTE format('DROP TRIGGER %I ON %I', "name" || '_archived', "name");
    EXECUTE format('CREATE TRIGGER %I BEFORE INSERT ON %I FOR EACH ROW WHEN (%s) EXECUTE FUNCTION "keep_archived_rows"()',
      "name" || '_archived_insert', "name", format("open", 'NEW'));
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON %I FOR EACH ROW WHEN (%s OR NEW."plan_id" <> OLD."plan_id") EXECUTE FUNCTION "keep_archived_rows"()',
      "name" || '_archived_update', "name", format("open", 'OLD'));
    EXECUTE format('CREATE TRIGGER %I BEFORE DELETE ON %I FOR EACH ROW WHEN (%s) EXECUTE FUNCTION "keep_archived_rows"()',
      "name" || '_archived_delete', "name", format("open", 'OLD'));
  END LOOP;
END $$;
