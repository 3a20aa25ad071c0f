import type { FileDiff } from '#engine/ports/git.port.js';
import type { Ids } from '#engine/ports/ids.port.js';
import type { NewSnapshot } from '#engine/ports/store.port.js';
import type { SqlTx } from './sql.js';
import { storableText } from './storable.js';

/** Numbers it within its task, or within the plan where it has none, with the diffs of its files. */
export function addSnapshot(tx: SqlTx, planId: string, ids: Ids, snapshot: NewSnapshot): void {
  const { diffs, taskId, attemptId, kind, name = null, gitRef, commit, baseCommit } = snapshot;
  const id = snapshot.id ?? ids.next();
  const files = diffs.map((file) => file.path);
  tx.send(
    `INSERT INTO code_snapshots (id, plan_id, task_id, attempt_id, sequence, kind, name, git_ref, "commit", base_commit, files)
     SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid,
            (SELECT coalesce(max(sequence), 0) FROM code_snapshots
              WHERE plan_id = $2::uuid AND task_id IS NOT DISTINCT FROM $3::uuid) + 1,
            $5::text, $6::text, $7::text, $8::text, $9::text, $10::jsonb`,
    [id, planId, taskId, attemptId, kind, name, gitRef, commit, baseCommit, JSON.stringify(files)],
  );
  addDiffs(tx, id, ids, diffs);
}

function addDiffs(tx: SqlTx, snapshotId: string, ids: Ids, diffs: readonly FileDiff[]): void {
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
    [snapshotId, JSON.stringify(rows)],
  );
}

/** Commit of the latest checkpoint of the plan; null: it has none. */
export async function lastCheckpoint(tx: SqlTx, planId: string): Promise<string | null> {
  const [row] = await tx.rows<{ commit: string }>(
    `SELECT "commit" FROM code_snapshots WHERE plan_id = $1 AND kind = 'checkpoint' ORDER BY id DESC LIMIT 1`,
    [planId],
  );
  return row?.commit ?? null;
}

/** Whether the plan has a checkpoint of that name. */
export async function hasCheckpoint(tx: SqlTx, planId: string, name: string): Promise<boolean> {
  const rows = await tx.rows(`SELECT 1 FROM code_snapshots WHERE plan_id = $1 AND name = $2`, [planId, name]);
  return rows.length > 0;
}
