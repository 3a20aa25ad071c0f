DROP TABLE "agent_capabilities";
DROP TABLE "agent_profiles";
DROP INDEX "task_attempts_profile_running_idx";
ALTER TABLE "task_attempts" DROP COLUMN "profile";
ALTER TABLE "plan_tasks" DROP COLUMN "profile";
