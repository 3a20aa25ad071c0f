-- AlterTable
ALTER TABLE "judgements" ADD COLUMN     "delivery_id" UUID;

-- CreateTable
CREATE TABLE "plan_deliveries" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "way" TEXT NOT NULL,
    "executor" JSONB,
    "target_branch" TEXT NOT NULL,
    "tip_commit" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "token" INTEGER NOT NULL DEFAULT 0,
    "holder" TEXT,
    "lease_until" TIMESTAMPTZ(6),
    "tries" INTEGER NOT NULL DEFAULT 0,
    "available_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "rounds" INTEGER NOT NULL DEFAULT 0,
    "target_commit" TEXT,
    "commit" TEXT,
    "verdict" JSONB,
    "files" JSONB NOT NULL DEFAULT '[]',
    "task_number" INTEGER,
    "outcome" TEXT,
    "commands" JSONB NOT NULL DEFAULT '[]',
    "pull_request" JSONB,
    "message" TEXT,
    "remedy" TEXT,
    "actor_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "plan_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "plan_deliveries_status_available_at_idx" ON "plan_deliveries"("status", "available_at");

-- CreateIndex
CREATE UNIQUE INDEX "plan_deliveries_plan_id_number_key" ON "plan_deliveries"("plan_id", "number");

-- CreateIndex
CREATE INDEX "judgements_delivery_id_idx" ON "judgements"("delivery_id");

-- AddForeignKey
ALTER TABLE "plan_deliveries" ADD CONSTRAINT "plan_deliveries_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_deliveries" ADD CONSTRAINT "plan_deliveries_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "judgements" ADD CONSTRAINT "judgements_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "plan_deliveries"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "plan_deliveries"
  ADD CONSTRAINT "plan_deliveries_way_check" CHECK ("way" IN ('merge', 'pull_request', 'print')),
  ADD CONSTRAINT "plan_deliveries_status_check" CHECK ("status" IN ('preparing', 'verifying', 'delivering', 'delivered', 'conflict', 'failed')),
  ADD CONSTRAINT "plan_deliveries_outcome_check" CHECK ("outcome" IN ('merged', 'opened', 'printed', 'contained')),
  ADD CONSTRAINT "plan_deliveries_end_check" CHECK (("outcome" IS NOT NULL) = ("status" = 'delivered'));

-- A plan is delivered once at a time.
CREATE UNIQUE INDEX "plan_deliveries_open_key" ON "plan_deliveries" ("plan_id")
  WHERE "status" IN ('preparing', 'verifying', 'delivering');

CREATE TRIGGER "plan_deliveries_archived" BEFORE INSERT OR UPDATE OR DELETE ON "plan_deliveries"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"();

-- A plan whose branch does not merge with its target goes on with one more task.
ALTER TABLE "plans" DROP CONSTRAINT "plans_pause_reason_check";
ALTER TABLE "plans" ADD CONSTRAINT "plans_pause_reason_check" CHECK ("pause_reason" IN ('user', 'task_failed', 'after_phase', 'approval', 'question', 'spec', 'budget', 'quota', 'needs_replan', 'contract_breached', 'delivery_conflict'));
