DROP TABLE "task_assignments";
DROP TABLE "work_items";
