import type { Ids } from '#engine/ports/ids.port.js';
import type { NewSnapshot } from '#engine/ports/store.port.js';
import type { SqlTx } from './sql.js';
import { storableText } from './storable.js';

/** Numbers it within its task, with the diffs of its files. */
export function addSnapshot(tx: SqlTx, planId: string, ids: Ids, snapshot: NewSnapshot): void {
  const { diffs, taskId, attemptId, kind, gitRef, commit, baseCommit } = snapshot;
  const id = ids.next();
  const files = diffs.map((file) => file.path);
  tx.send(
    `INSERT INTO code_snapshots (id, plan_id, task_id, attempt_id, sequence, kind, git_ref, "commit", base_commit, files)
     SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid, (SELECT count(*) FROM code_snapshots WHERE task_id = $3::uuid) + 1,
            $5::text, $6::text, $7::text, $8::text, $9::jsonb`,
    [id, planId, taskId, attemptId, kind, gitRef, commit, baseCommit, JSON.stringify(files)],
  );
  if (diffs.length === 0) return;
  const rows = diffs.map((file) => ({
    ...file,
    id: ids.next(),
    text: file.text === null ? null : storableText(file.text),
  }));
  tx.send(
    `INSERT INTO code_diffs (id, snapshot_id, file_path, old_path, status, old_mode, new_mode, "binary",
                             added_lines, removed_lines, diff_text)
     SELECT d.id, $1::uuid, d.path, d."oldPath", d.status, d."oldMode", d."newMode", d."binary", d."addedLines",
            d."removedLines", d.text
       FROM jsonb_to_recordset($2::jsonb)
         AS d(id uuid, path text, "oldPath" text, status text, "oldMode" text, "newMode" text, "binary" boolean,
              "addedLines" int, "removedLines" int, text text)`,
    [id, JSON.stringify(rows)],
  );
}
