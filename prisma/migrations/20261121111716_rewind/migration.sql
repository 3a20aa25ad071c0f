-- AlterTable
ALTER TABLE "code_snapshots" ADD COLUMN     "pruned_at" TIMESTAMPTZ(6);

-- CreateTable
CREATE TABLE "plan_rewinds" (
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "lineage" INTEGER NOT NULL,
    "target" TEXT NOT NULL,
    "from_commit" TEXT NOT NULL,
    "to_commit" TEXT NOT NULL,
    "to_seq" INTEGER NOT NULL,
    "keep_independent" BOOLEAN NOT NULL,
    "status" TEXT NOT NULL,
    "message" TEXT,
    "actor_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "plan_rewinds_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "plan_rewinds_plan_id_lineage_key" ON "plan_rewinds"("plan_id", "lineage");

-- AddForeignKey
ALTER TABLE "plan_rewinds" ADD CONSTRAINT "plan_rewinds_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan_rewinds" ADD CONSTRAINT "plan_rewinds_actor_id_fkey" FOREIGN KEY ("actor_id") REFERENCES "actors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "plan_rewinds" ADD CONSTRAINT "plan_rewinds_status_check" CHECK ("status" IN ('open', 'done', 'refused'));

-- A plan goes back once at a time.
CREATE UNIQUE INDEX "plan_rewinds_open_key" ON "plan_rewinds" ("plan_id") WHERE "status" = 'open';

-- A checkpoint's name says which one it is.
CREATE UNIQUE INDEX "code_snapshots_name_key" ON "code_snapshots" ("plan_id", "name") WHERE "name" IS NOT NULL;

CREATE TRIGGER "plan_rewinds_archived" BEFORE INSERT OR UPDATE OR DELETE ON "plan_rewinds"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_rows"();
