-- AlterTable
ALTER TABLE "plan_tasks" ADD COLUMN     "profile" TEXT;

-- AlterTable
ALTER TABLE "task_attempts" ADD COLUMN     "profile" JSONB;

-- CreateTable
CREATE TABLE "agent_profiles" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "executor" JSONB NOT NULL,
    "constraints" JSONB NOT NULL,
    "tools" JSONB,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "status" TEXT NOT NULL DEFAULT 'active',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agent_profiles_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent_capabilities" (
    "profile_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "level" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "agent_capabilities_pkey" PRIMARY KEY ("profile_id","name")
);

-- CreateIndex
CREATE UNIQUE INDEX "agent_profiles_slug_key" ON "agent_profiles"("slug");

-- CreateIndex
CREATE INDEX "agent_profiles_type_status_idx" ON "agent_profiles"("type", "status");

-- CreateIndex
CREATE INDEX "agent_capabilities_name_idx" ON "agent_capabilities"("name");

-- AddForeignKey
ALTER TABLE "agent_capabilities" ADD CONSTRAINT "agent_capabilities_profile_id_fkey" FOREIGN KEY ("profile_id") REFERENCES "agent_profiles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "agent_profiles"
  ADD CONSTRAINT "agent_profiles_slug_check" CHECK ("slug" ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  ADD CONSTRAINT "agent_profiles_mode_check" CHECK ("mode" IN ('implementation', 'planning', 'review')),
  ADD CONSTRAINT "agent_profiles_status_check" CHECK ("status" IN ('active', 'inactive', 'archived')),
  ADD CONSTRAINT "agent_profiles_executor_check" CHECK ("executor"->>'kind' IN ('command', 'claude', 'agent'));

ALTER TABLE "agent_capabilities"
  ADD CONSTRAINT "agent_capabilities_level_check" CHECK ("level" BETWEEN 1 AND 5);

-- The load of a profile.
CREATE INDEX "task_attempts_profile_running_idx" ON "task_attempts" (("profile"->>'slug')) WHERE "status" = 'running' AND "profile" IS NOT NULL;
