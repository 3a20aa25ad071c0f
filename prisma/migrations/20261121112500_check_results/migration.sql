-- CreateTable
CREATE TABLE "check_results" (
    "repository_id" UUID NOT NULL,
    "tree" TEXT NOT NULL,
    "check_key" TEXT NOT NULL,
    "environment_key" TEXT NOT NULL,
    "run" INTEGER NOT NULL,
    "outcome" TEXT NOT NULL,
    "exit_code" INTEGER NOT NULL,
    "tests" BYTEA,
    "duration_ms" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "check_results_pkey" PRIMARY KEY ("repository_id","tree","check_key","environment_key","run")
);

-- CreateIndex
CREATE INDEX "check_results_repository_id_created_at_idx" ON "check_results"("repository_id", "created_at");

-- AddForeignKey
ALTER TABLE "check_results" ADD CONSTRAINT "check_results_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repositories"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Only a run that came to its end by itself stands for another.
ALTER TABLE "check_results"
  ADD CONSTRAINT "check_results_outcome_check" CHECK ("outcome" IN ('passed', 'failed')),
  ADD CONSTRAINT "check_results_run_check" CHECK ("run" > 0);
