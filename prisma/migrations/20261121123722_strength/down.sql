DELETE FROM "outbox" WHERE "kind" = 'measure';
ALTER TABLE "outbox"
  DROP CONSTRAINT "outbox_kind_check",
  ADD CONSTRAINT "outbox_kind_check" CHECK ("kind" IN ('deliver', 'publish', 'notify'));

ALTER TABLE "plan_tasks" DROP COLUMN "strength";
