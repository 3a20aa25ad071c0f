-- A plan in the middle of it is left to a person: older builds cannot end it.
UPDATE "plans" SET "status" = 'paused', "pause_reason" = 'user',
       "pause_note" = 'A rewind was under way when the database went back to an older build; its branch may have moved.'
 WHERE "status" = 'rewinding';

DROP INDEX "code_snapshots_name_key";
DELETE FROM "code_snapshots" WHERE "kind" NOT IN ('before', 'candidate');
ALTER TABLE "code_snapshots" DROP COLUMN "pruned_at";
DROP TABLE "plan_rewinds";
