-- AlterTable
ALTER TABLE "plan_tasks" ADD COLUMN     "strength" JSONB;

ALTER TABLE "outbox"
  DROP CONSTRAINT "outbox_kind_check",
  ADD CONSTRAINT "outbox_kind_check" CHECK ("kind" IN ('deliver', 'publish', 'notify', 'measure'));
