DO $$
DECLARE
  "name" text;
  "operation" text;
BEGIN
  FOREACH "name" IN ARRAY ARRAY[
    'phases', 'plan_tasks', 'plan_specs', 'task_attempts', 'verification_runs', 'integrations', 'code_snapshots',
    'plan_iterations', 'plan_signals', 'plan_events', 'plan_rewinds', 'plan_deliveries', 'task_questions',
    'model_calls', 'spend_totals']
  LOOP
    FOREACH "operation" IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
      EXECUTE format('DROP TRIGGER %I ON %I', "name" || '_archived_' || "operation", "name");
    END LOOP;
    EXECUTE format('CREATE TRIGGER %I BEFORE INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"()',
      "name" || '_archived', "name");
  END LOOP;
END $$;
