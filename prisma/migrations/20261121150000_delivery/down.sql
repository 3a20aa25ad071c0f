-- Older builds know no such reason; what there is to do stays in the note and in the plan's last phase.
UPDATE "plans" SET "pause_reason" = 'user' WHERE "pause_reason" = 'delivery_conflict';
ALTER TABLE "plans" DROP CONSTRAINT "plans_pause_reason_check";
ALTER TABLE "plans" ADD CONSTRAINT "plans_pause_reason_check" CHECK ("pause_reason" IN ('user', 'task_failed', 'after_phase', 'approval', 'question', 'spec', 'budget', 'quota', 'needs_replan', 'contract_breached'));

DELETE FROM "judgements" WHERE "delivery_id" IS NOT NULL;
ALTER TABLE "judgements" DROP COLUMN "delivery_id";
DROP TABLE "plan_deliveries";
