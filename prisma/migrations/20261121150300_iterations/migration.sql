-- AlterTable
ALTER TABLE "plan_iterations" ADD COLUMN     "answers" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "cache_read_tokens" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "cache_write_tokens" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "delivered_at" TIMESTAMPTZ(6),
ADD COLUMN     "deliveries" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "finished_at" TIMESTAMPTZ(6),
ADD COLUMN     "holder" TEXT,
ADD COLUMN     "lease_until" TIMESTAMPTZ(6),
ADD COLUMN     "message" TEXT,
ADD COLUMN     "model" TEXT,
ADD COLUMN     "raw_text" TEXT,
ADD COLUMN     "request" JSONB,
ADD COLUMN     "result" JSONB,
ADD COLUMN     "status" TEXT NOT NULL DEFAULT 'succeeded',
ADD COLUMN     "token" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "plan_iterations" ADD CONSTRAINT "plan_iterations_status_check" CHECK ("status" IN ('queued', 'running', 'succeeded', 'failed'));
ALTER TABLE "plan_iterations" ADD CONSTRAINT "plan_iterations_request_check" CHECK ("request" IS NOT NULL OR "status" = 'succeeded');

-- What the reconciler looks through; and one generation of a plan at a time.
CREATE INDEX "plan_iterations_open_idx" ON "plan_iterations" ("kind", "delivered_at") WHERE "status" IN ('queued', 'running');
CREATE UNIQUE INDEX "plan_iterations_generating_idx" ON "plan_iterations" ("plan_id") WHERE "kind" = 'generate' AND "status" IN ('queued', 'running');
