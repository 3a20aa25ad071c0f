-- CreateTable
CREATE TABLE "task_questions" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "task_id" UUID NOT NULL,
    "attempt_id" UUID NOT NULL,
    "question" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "answer" TEXT,
    "answered_at" TIMESTAMPTZ(6),
    "answered_by" UUID,

    CONSTRAINT "task_questions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attempt_messages" (
    "attempt_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "role" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "usage" JSONB,
    "bytes" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "attempt_messages_pkey" PRIMARY KEY ("attempt_id","seq")
);

-- CreateTable
CREATE TABLE "attempt_output" (
    "attempt_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "attempt_output_pkey" PRIMARY KEY ("attempt_id","seq")
);

-- CreateIndex
CREATE INDEX "task_questions_task_id_idx" ON "task_questions"("task_id");

-- CreateIndex
CREATE INDEX "task_questions_plan_id_idx" ON "task_questions"("plan_id");

-- CreateIndex
CREATE UNIQUE INDEX "task_questions_attempt_id_key" ON "task_questions"("attempt_id");

-- AddForeignKey
ALTER TABLE "task_questions" ADD CONSTRAINT "task_questions_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_questions" ADD CONSTRAINT "task_questions_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "plan_tasks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_questions" ADD CONSTRAINT "task_questions_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "task_attempts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_questions" ADD CONSTRAINT "task_questions_answered_by_fkey" FOREIGN KEY ("answered_by") REFERENCES "actors"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt_messages" ADD CONSTRAINT "attempt_messages_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "task_attempts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt_output" ADD CONSTRAINT "attempt_output_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "task_attempts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "attempt_messages" ADD CONSTRAINT "attempt_messages_role_check" CHECK ("role" IN ('user', 'assistant', 'note'));

ALTER TABLE "plan_tasks"
  DROP CONSTRAINT "plan_tasks_status_check",
  ADD CONSTRAINT "plan_tasks_status_check" CHECK ("status" IN ('pending', 'ready', 'awaiting_approval', 'waiting', 'claimed', 'queued', 'executing', 'verifying', 'awaiting_review', 'awaiting_answer', 'integrating', 'completed', 'satisfied', 'failed', 'skipped', 'blocked', 'cancelled'));

ALTER TABLE "task_attempts"
  DROP CONSTRAINT "task_attempts_failure_check",
  ADD CONSTRAINT "task_attempts_failure_check" CHECK ("failure" IN ('agent_failed', 'verification_failed', 'contract_breached', 'protected_path', 'scope_exceeded', 'limit_exceeded', 'review_rejected', 'conflict', 'infrastructure', 'quota', 'budget', 'unconfigured', 'lost', 'inconclusive', 'needs_replan', 'cancelled'));

CREATE TRIGGER "task_questions_archived" BEFORE INSERT OR UPDATE OR DELETE ON "task_questions"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"();
