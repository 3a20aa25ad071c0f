-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "actors" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "actors_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "plan_events" (
    "id" BIGSERIAL NOT NULL,
    "plan_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "payload" JSONB NOT NULL DEFAULT '{}',
    "actor_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "prev_hash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "txid" BIGINT NOT NULL DEFAULT ((pg_current_xact_id())::text)::bigint,

    CONSTRAINT "plan_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "plan_id" UUID NOT NULL,
    "payload" JSONB NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "available_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "actor_id" UUID NOT NULL,
    "route" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "body_hash" TEXT NOT NULL,
    "status" INTEGER,
    "response" JSONB,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("actor_id","route","key")
);

-- CreateTable
CREATE TABLE "plans" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "repository_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "status" TEXT NOT NULL,
    "pause_reason" TEXT,
    "pause_note" TEXT,
    "epoch" INTEGER NOT NULL DEFAULT 1,
    "base_branch" TEXT NOT NULL,
    "base_commit" TEXT NOT NULL,
    "target_branch" TEXT NOT NULL,
    "branch" TEXT NOT NULL,
    "tip_commit" TEXT NOT NULL,
    "concurrency" INTEGER NOT NULL DEFAULT 4,
    "max_attempts" INTEGER NOT NULL DEFAULT 3,
    "active_tasks" INTEGER NOT NULL DEFAULT 0,
    "open_phases" INTEGER NOT NULL DEFAULT 0,
    "event_seq" INTEGER NOT NULL DEFAULT 0,
    "event_hash" TEXT NOT NULL DEFAULT '',
    "published_commit" TEXT,
    "publish_error" TEXT,
    "warnings" JSONB NOT NULL DEFAULT '[]',
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6),
    "deleted_at" TIMESTAMPTZ(6),

    CONSTRAINT "plans_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "phases" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "mode" TEXT NOT NULL,
    "approval" TEXT NOT NULL DEFAULT 'none',
    "success_criteria" JSONB NOT NULL DEFAULT '[]',
    "status" TEXT NOT NULL,
    "open_tasks" INTEGER NOT NULL DEFAULT 0,
    "started_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "phases_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "plan_iterations" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "actor_id" UUID NOT NULL,
    "summary" TEXT NOT NULL,
    "changes" JSONB NOT NULL DEFAULT '[]',
    "input_tokens" INTEGER NOT NULL DEFAULT 0,
    "output_tokens" INTEGER NOT NULL DEFAULT 0,
    "cost_usd" DECIMAL(12,6) NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "plan_iterations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "repositories" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "repositories_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "code_snapshots" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "task_id" UUID,
    "attempt_id" UUID,
    "sequence" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT,
    "git_ref" TEXT NOT NULL,
    "commit" TEXT NOT NULL,
    "base_commit" TEXT NOT NULL,
    "files" JSONB NOT NULL DEFAULT '[]',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "code_snapshots_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "code_diffs" (
    "id" UUID NOT NULL,
    "snapshot_id" UUID NOT NULL,
    "file_path" TEXT NOT NULL,
    "old_path" TEXT,
    "status" TEXT NOT NULL,
    "old_mode" TEXT NOT NULL,
    "new_mode" TEXT NOT NULL,
    "binary" BOOLEAN NOT NULL DEFAULT false,
    "added_lines" INTEGER NOT NULL,
    "removed_lines" INTEGER NOT NULL,
    "diff_text" TEXT,

    CONSTRAINT "code_diffs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "plan_tasks" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "phase_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "prompt" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "executor" JSONB NOT NULL,
    "may_change" JSONB NOT NULL DEFAULT '[]',
    "write_scope" JSONB NOT NULL DEFAULT '[]',
    "spec_id" UUID,
    "max_attempts" INTEGER NOT NULL,
    "attempt_count" INTEGER NOT NULL DEFAULT 0,
    "open_dependencies" INTEGER NOT NULL DEFAULT 0,
    "not_before" TIMESTAMPTZ(6),
    "assigned_to" UUID,
    "approved_by" UUID,
    "approved_at" TIMESTAMPTZ(6),
    "commit_sha" TEXT,
    "verified" BOOLEAN,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(6),
    "completed_at" TIMESTAMPTZ(6),

    CONSTRAINT "plan_tasks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "task_dependencies" (
    "task_id" UUID NOT NULL,
    "depends_on_id" UUID NOT NULL,
    "kind" TEXT NOT NULL DEFAULT 'explicit',

    CONSTRAINT "task_dependencies_pkey" PRIMARY KEY ("task_id","depends_on_id")
);

-- CreateTable
CREATE TABLE "plan_specs" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "spec_yaml" TEXT NOT NULL,
    "spec_type" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "plan_specs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "task_attempts" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "task_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "failure" TEXT,
    "message" TEXT,
    "epoch" INTEGER NOT NULL,
    "token" INTEGER NOT NULL DEFAULT 0,
    "holder" TEXT,
    "lease_until" TIMESTAMPTZ(6),
    "deliveries" INTEGER NOT NULL DEFAULT 0,
    "delivered_at" TIMESTAMPTZ(6),
    "base_commit" TEXT,
    "candidate_commit" TEXT,
    "spec_hash" TEXT,
    "input" JSONB,
    "input_hash" TEXT,
    "output" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "task_attempts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification_runs" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "task_id" UUID NOT NULL,
    "attempt_id" UUID NOT NULL,
    "integration_id" UUID,
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
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "verification_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "integrations" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "task_id" UUID NOT NULL,
    "attempt_id" UUID NOT NULL,
    "position" BIGSERIAL NOT NULL,
    "status" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "token" INTEGER NOT NULL DEFAULT 0,
    "holder" TEXT,
    "lease_until" TIMESTAMPTZ(6),
    "deliveries" INTEGER NOT NULL DEFAULT 0,
    "delivered_at" TIMESTAMPTZ(6),
    "candidate_commit" TEXT NOT NULL,
    "onto_commit" TEXT,
    "result_commit" TEXT,
    "intent_token" INTEGER,
    "intent_old_tip" TEXT,
    "intent_new_tip" TEXT,
    "message" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "integrations_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "actors_name_key" ON "actors"("name");

-- CreateIndex
CREATE UNIQUE INDEX "plan_events_plan_id_seq_key" ON "plan_events"("plan_id", "seq");

-- CreateIndex
CREATE INDEX "outbox_kind_available_at_idx" ON "outbox"("kind", "available_at");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "plans_number_key" ON "plans"("number");

-- CreateIndex
CREATE INDEX "plans_status_idx" ON "plans"("status");

-- CreateIndex
CREATE INDEX "plans_created_at_idx" ON "plans"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "plans_repository_id_branch_key" ON "plans"("repository_id", "branch");

-- CreateIndex
CREATE UNIQUE INDEX "phases_plan_id_position_key" ON "phases"("plan_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "plan_iterations_plan_id_number_key" ON "plan_iterations"("plan_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "repositories_origin_key" ON "repositories"("origin");

-- CreateIndex
CREATE INDEX "code_snapshots_plan_id_idx" ON "code_snapshots"("plan_id");

-- CreateIndex
CREATE INDEX "code_snapshots_created_at_idx" ON "code_snapshots"("created_at");

-- CreateIndex
CREATE INDEX "code_snapshots_attempt_id_idx" ON "code_snapshots"("attempt_id");

-- CreateIndex
CREATE UNIQUE INDEX "code_snapshots_task_id_sequence_key" ON "code_snapshots"("task_id", "sequence");

-- CreateIndex
CREATE INDEX "code_diffs_snapshot_id_idx" ON "code_diffs"("snapshot_id");

-- CreateIndex
CREATE INDEX "code_diffs_file_path_idx" ON "code_diffs"("file_path");

-- CreateIndex
CREATE INDEX "plan_tasks_phase_id_idx" ON "plan_tasks"("phase_id");

-- CreateIndex
CREATE INDEX "plan_tasks_plan_id_status_idx" ON "plan_tasks"("plan_id", "status");

-- CreateIndex
CREATE INDEX "plan_tasks_spec_id_idx" ON "plan_tasks"("spec_id");

-- CreateIndex
CREATE UNIQUE INDEX "plan_tasks_plan_id_number_key" ON "plan_tasks"("plan_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "plan_tasks_plan_id_key_key" ON "plan_tasks"("plan_id", "key");

-- CreateIndex
CREATE INDEX "task_dependencies_depends_on_id_idx" ON "task_dependencies"("depends_on_id");

-- CreateIndex
CREATE INDEX "plan_specs_plan_id_idx" ON "plan_specs"("plan_id");

-- CreateIndex
CREATE INDEX "plan_specs_spec_type_idx" ON "plan_specs"("spec_type");

-- CreateIndex
CREATE INDEX "task_attempts_status_lease_until_idx" ON "task_attempts"("status", "lease_until");

-- CreateIndex
CREATE INDEX "task_attempts_plan_id_idx" ON "task_attempts"("plan_id");

-- CreateIndex
CREATE UNIQUE INDEX "task_attempts_task_id_number_key" ON "task_attempts"("task_id", "number");

-- CreateIndex
CREATE INDEX "verification_runs_status_lease_until_idx" ON "verification_runs"("status", "lease_until");

-- CreateIndex
CREATE INDEX "verification_runs_task_id_idx" ON "verification_runs"("task_id");

-- CreateIndex
CREATE INDEX "verification_runs_attempt_id_idx" ON "verification_runs"("attempt_id");

-- CreateIndex
CREATE UNIQUE INDEX "integrations_attempt_id_key" ON "integrations"("attempt_id");

-- CreateIndex
CREATE INDEX "integrations_plan_id_status_position_idx" ON "integrations"("plan_id", "status", "position");

-- CreateIndex
CREATE INDEX "integrations_status_lease_until_idx" ON "integrations"("status", "lease_until");

-- CreateIndex
CREATE INDEX "integrations_task_id_idx" ON "integrations"("task_id");

-- AddForeignKey
ALTER TABLE "plan_events" ADD CONSTRAINT "plan_events_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_events" ADD CONSTRAINT "plan_events_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plans" ADD CONSTRAINT "plans_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repositories"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plans" ADD CONSTRAINT "plans_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "actors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "phases" ADD CONSTRAINT "phases_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_iterations" ADD CONSTRAINT "plan_iterations_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_iterations" ADD CONSTRAINT "plan_iterations_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "repositories" ADD CONSTRAINT "repositories_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "actors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "code_snapshots" ADD CONSTRAINT "code_snapshots_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "code_snapshots" ADD CONSTRAINT "code_snapshots_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "plan_tasks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "code_snapshots" ADD CONSTRAINT "code_snapshots_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "task_attempts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "code_diffs" ADD CONSTRAINT "code_diffs_snapshot_id_fkey" FOREIGN KEY ("snapshot_id") REFERENCES "code_snapshots"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_tasks" ADD CONSTRAINT "plan_tasks_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_tasks" ADD CONSTRAINT "plan_tasks_phase_id_fkey" FOREIGN KEY ("phase_id") REFERENCES "phases"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_tasks" ADD CONSTRAINT "plan_tasks_spec_id_fkey" FOREIGN KEY ("spec_id") REFERENCES "plan_specs"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_tasks" ADD CONSTRAINT "plan_tasks_approved_by_fkey" FOREIGN KEY ("approved_by") REFERENCES "actors"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_tasks" ADD CONSTRAINT "plan_tasks_assigned_to_fkey" FOREIGN KEY ("assigned_to") REFERENCES "actors"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_dependencies" ADD CONSTRAINT "task_dependencies_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "plan_tasks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_dependencies" ADD CONSTRAINT "task_dependencies_depends_on_id_fkey" FOREIGN KEY ("depends_on_id") REFERENCES "plan_tasks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_specs" ADD CONSTRAINT "plan_specs_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_attempts" ADD CONSTRAINT "task_attempts_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_attempts" ADD CONSTRAINT "task_attempts_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "plan_tasks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "verification_runs" ADD CONSTRAINT "verification_runs_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "verification_runs" ADD CONSTRAINT "verification_runs_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "plan_tasks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "verification_runs" ADD CONSTRAINT "verification_runs_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "task_attempts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "verification_runs" ADD CONSTRAINT "verification_runs_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "integrations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "integrations" ADD CONSTRAINT "integrations_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "integrations" ADD CONSTRAINT "integrations_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "plan_tasks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "integrations" ADD CONSTRAINT "integrations_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "task_attempts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema cannot say: values of statuses, invariants, append-only.

ALTER TABLE "actors" ADD CONSTRAINT "actors_kind_check" CHECK ("kind" IN ('user', 'agent', 'system'));

ALTER TABLE "plans"
  ADD CONSTRAINT "plans_status_check" CHECK ("status" IN ('draft', 'generating', 'ready', 'running', 'pausing', 'paused', 'cancelling', 'cancelled', 'completed', 'failed', 'rewinding', 'archiving', 'archived')),
  ADD CONSTRAINT "plans_pause_reason_check" CHECK ("pause_reason" IN ('user', 'task_failed', 'after_phase', 'approval', 'question', 'spec', 'budget', 'quota', 'needs_replan', 'contract_breached')),
  ADD CONSTRAINT "plans_window_check" CHECK ("active_tasks" >= 0 AND "concurrency" > 0 AND "open_phases" >= 0);

ALTER TABLE "phases"
  ADD CONSTRAINT "phases_status_check" CHECK ("status" IN ('pending', 'running', 'awaiting_approval', 'completed', 'failed', 'cancelled', 'skipped')),
  ADD CONSTRAINT "phases_mode_check" CHECK ("mode" IN ('sequential', 'parallel', 'manual')),
  ADD CONSTRAINT "phases_approval_check" CHECK ("approval" IN ('none', 'before_task')),
  ADD CONSTRAINT "phases_open_tasks_check" CHECK ("open_tasks" >= 0);

ALTER TABLE "plan_tasks"
  ADD CONSTRAINT "plan_tasks_status_check" CHECK ("status" IN ('pending', 'ready', 'awaiting_approval', 'queued', 'executing', 'verifying', 'awaiting_review', 'integrating', 'completed', 'satisfied', 'failed', 'skipped', 'blocked', 'cancelled')),
  ADD CONSTRAINT "plan_tasks_open_dependencies_check" CHECK ("open_dependencies" >= 0);

ALTER TABLE "task_dependencies"
  ADD CONSTRAINT "task_dependencies_kind_check" CHECK ("kind" IN ('explicit', 'sequence')),
  ADD CONSTRAINT "task_dependencies_self_check" CHECK ("task_id" <> "depends_on_id");

ALTER TABLE "task_attempts"
  ADD CONSTRAINT "task_attempts_status_check" CHECK ("status" IN ('queued', 'running', 'executed', 'passed', 'rejected', 'inconclusive', 'errored', 'conflicted', 'lost', 'cancelled')),
  ADD CONSTRAINT "task_attempts_failure_check" CHECK ("failure" IN ('agent_failed', 'verification_failed', 'contract_breached', 'protected_path', 'scope_exceeded', 'limit_exceeded', 'conflict', 'infrastructure', 'quota', 'lost', 'inconclusive', 'needs_replan', 'cancelled'));

ALTER TABLE "plan_specs" ADD CONSTRAINT "plan_specs_spec_type_check" CHECK ("spec_type" IN ('strict', 'auditor'));

ALTER TABLE "verification_runs"
  ADD CONSTRAINT "verification_runs_status_check" CHECK ("status" IN ('queued', 'running', 'passed', 'failed', 'inconclusive', 'errored', 'cancelled'));

ALTER TABLE "integrations"
  ADD CONSTRAINT "integrations_status_check" CHECK ("status" IN ('queued', 'merging', 'verifying', 'verified', 'pushing', 'landed', 'conflicted', 'rejected', 'errored', 'cancelled')),
  ADD CONSTRAINT "integrations_intent_check" CHECK (("intent_token" IS NULL) = ("intent_new_tip" IS NULL));

ALTER TABLE "outbox" ADD CONSTRAINT "outbox_kind_check" CHECK ("kind" IN ('deliver', 'publish'));

-- A task has at most one attempt under way.
CREATE UNIQUE INDEX "task_attempts_one_open_key" ON "task_attempts" ("task_id")
  WHERE "status" IN ('queued', 'running', 'executed');

-- The lane: one integration of a plan at a time.
CREATE UNIQUE INDEX "integrations_lane_key" ON "integrations" ("plan_id")
  WHERE "status" IN ('merging', 'verifying', 'verified', 'pushing');

-- What the dispatcher and the reconciler look for; these stay small however large the tables grow.
CREATE INDEX "plan_tasks_ready_idx" ON "plan_tasks" ("plan_id", "number") WHERE "status" = 'ready';
CREATE INDEX "task_attempts_open_idx" ON "task_attempts" ("delivered_at") WHERE "status" IN ('queued', 'running');
CREATE INDEX "verification_runs_open_idx" ON "verification_runs" ("delivered_at") WHERE "status" IN ('queued', 'running');
CREATE INDEX "integrations_open_idx" ON "integrations" ("delivered_at")
  WHERE "status" IN ('queued', 'merging', 'verified', 'pushing');

CREATE FUNCTION "forbid_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER "plan_events_append_only" BEFORE UPDATE OR DELETE ON "plan_events"
  FOR EACH ROW EXECUTE FUNCTION "forbid_change"();
CREATE TRIGGER "plan_events_no_truncate" BEFORE TRUNCATE ON "plan_events"
  FOR EACH STATEMENT EXECUTE FUNCTION "forbid_change"();
