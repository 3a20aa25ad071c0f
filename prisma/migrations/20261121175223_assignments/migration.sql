-- CreateTable
CREATE TABLE "task_assignments" (
    "id" UUID NOT NULL,
    "task_id" UUID,
    "work_item_id" UUID,
    "assignee_id" UUID NOT NULL,
    "assigned_by" UUID NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'assigned',
    "note" TEXT,
    "context" JSONB NOT NULL DEFAULT '{}',
    "handed_from" UUID,
    "assigned_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(6),
    "paused_at" TIMESTAMPTZ(6),
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "task_assignments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "work_items" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "repository_id" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL DEFAULT 'open',
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "closed_at" TIMESTAMPTZ(6),

    CONSTRAINT "work_items_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "task_assignments_task_id_idx" ON "task_assignments"("task_id");

-- CreateIndex
CREATE INDEX "task_assignments_work_item_id_idx" ON "task_assignments"("work_item_id");

-- CreateIndex
CREATE INDEX "task_assignments_assignee_id_status_idx" ON "task_assignments"("assignee_id", "status");

-- CreateIndex
CREATE INDEX "task_assignments_assigned_at_id_idx" ON "task_assignments"("assigned_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "work_items_number_key" ON "work_items"("number");

-- CreateIndex
CREATE INDEX "work_items_repository_id_idx" ON "work_items"("repository_id");

-- CreateIndex
CREATE INDEX "work_items_status_idx" ON "work_items"("status");

-- AddForeignKey
ALTER TABLE "task_assignments" ADD CONSTRAINT "task_assignments_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "plan_tasks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_assignments" ADD CONSTRAINT "task_assignments_work_item_id_fkey" FOREIGN KEY ("work_item_id") REFERENCES "work_items"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_assignments" ADD CONSTRAINT "task_assignments_assignee_id_fkey" FOREIGN KEY ("assignee_id") REFERENCES "actors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_assignments" ADD CONSTRAINT "task_assignments_assigned_by_fkey" FOREIGN KEY ("assigned_by") REFERENCES "actors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_assignments" ADD CONSTRAINT "task_assignments_handed_from_fkey" FOREIGN KEY ("handed_from") REFERENCES "task_assignments"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "work_items" ADD CONSTRAINT "work_items_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repositories"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "work_items" ADD CONSTRAINT "work_items_created_by_fkey" FOREIGN KEY ("created_by") REFERENCES "actors"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "task_assignments" ADD CONSTRAINT "task_assignments_status_check"
  CHECK ("status" IN ('assigned', 'started', 'paused', 'completed', 'cancelled'));
ALTER TABLE "task_assignments" ADD CONSTRAINT "task_assignments_of_one_check" CHECK (num_nonnulls("task_id", "work_item_id") = 1);
ALTER TABLE "task_assignments" ADD CONSTRAINT "task_assignments_ended_check"
  CHECK (("ended_at" IS NULL) = ("status" IN ('assigned', 'started', 'paused')));
ALTER TABLE "task_assignments" ADD CONSTRAINT "task_assignments_paused_check"
  CHECK ("paused_at" IS NOT NULL OR "status" <> 'paused');
ALTER TABLE "task_assignments" ADD CONSTRAINT "task_assignments_context_check" CHECK (jsonb_typeof("context") = 'object');
ALTER TABLE "work_items" ADD CONSTRAINT "work_items_status_check" CHECK ("status" IN ('open', 'done', 'cancelled'));
ALTER TABLE "work_items" ADD CONSTRAINT "work_items_closed_check" CHECK (("closed_at" IS NULL) = ("status" = 'open'));

-- One active assignment of each.
CREATE UNIQUE INDEX "task_assignments_active_task_key" ON "task_assignments" ("task_id")
  WHERE "status" IN ('assigned', 'started', 'paused');
CREATE UNIQUE INDEX "task_assignments_active_work_item_key" ON "task_assignments" ("work_item_id")
  WHERE "status" IN ('assigned', 'started', 'paused');

-- What was somebody's before there were rows, by whoever made the plan.
INSERT INTO "task_assignments" ("id", "task_id", "assignee_id", "assigned_by", "status", "assigned_at", "started_at")
SELECT gen_random_uuid(), t."id", t."assigned_to", p."created_by",
       CASE WHEN t."status" IN ('claimed', 'executing') THEN 'started' ELSE 'assigned' END, t."created_at",
       CASE WHEN t."status" IN ('claimed', 'executing') THEN t."started_at" END
  FROM "plan_tasks" t JOIN "plans" p ON p."id" = t."plan_id"
 WHERE t."assigned_to" IS NOT NULL AND p."status" <> 'archived'
   AND t."status" NOT IN ('completed', 'satisfied', 'skipped', 'cancelled');

CREATE TRIGGER "task_assignments_archived" BEFORE INSERT OR UPDATE OR DELETE ON "task_assignments"
  FOR EACH ROW EXECUTE FUNCTION "keep_archived_parts"();
