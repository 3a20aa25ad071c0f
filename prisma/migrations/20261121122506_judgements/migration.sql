-- AlterTable
ALTER TABLE "plan_specs" ADD COLUMN     "on_base" TEXT;

-- CreateTable
CREATE TABLE "judgements" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "task_id" UUID,
    "spec_id" UUID,
    "handed" TEXT,
    "commit" TEXT NOT NULL,
    "base_commit" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "token" INTEGER NOT NULL DEFAULT 0,
    "holder" TEXT,
    "lease_until" TIMESTAMPTZ(6),
    "deliveries" INTEGER NOT NULL DEFAULT 0,
    "delivered_at" TIMESTAMPTZ(6),
    "verdict" JSONB,
    "message" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "judgements_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "judgements_status_lease_until_idx" ON "judgements"("status", "lease_until");

-- CreateIndex
CREATE INDEX "judgements_created_at_idx" ON "judgements"("created_at");

-- CreateIndex
CREATE INDEX "judgements_plan_id_idx" ON "judgements"("plan_id");

-- CreateIndex
CREATE INDEX "judgements_task_id_idx" ON "judgements"("task_id");

-- CreateIndex
CREATE INDEX "judgements_spec_id_idx" ON "judgements"("spec_id");

-- AddForeignKey
ALTER TABLE "judgements" ADD CONSTRAINT "judgements_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "judgements" ADD CONSTRAINT "judgements_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "plan_tasks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "judgements" ADD CONSTRAINT "judgements_spec_id_fkey" FOREIGN KEY ("spec_id") REFERENCES "plan_specs"("id") ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE "judgements" ADD CONSTRAINT "judgements_status_check" CHECK ("status" IN ('queued', 'running', 'done', 'errored'));

ALTER TABLE "plan_specs" ADD CONSTRAINT "plan_specs_on_base_check" CHECK ("on_base" IN ('red', 'green', 'guard', 'undecided'));
