import type { Ids } from '#engine/ports/ids.port.js';
import type { SqlTx } from './sql.js';

/** Ids of actors by name; a name that nobody has yet becomes a user. */
export async function actorIds(
  tx: SqlTx,
  ids: Ids,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(names)];
  if (wanted.length === 0) return new Map();
  const rows = wanted.map((name) => ({ id: ids.next(), name }));
  tx.send(
    `INSERT INTO actors (id, kind, name)
     SELECT a.id, 'user', a.name FROM jsonb_to_recordset($1::jsonb) AS a(id uuid, name text)
     ON CONFLICT (name) DO NOTHING`,
    [JSON.stringify(rows)],
  );
  const found = await tx.rows<{ id: string; name: string }>(
    `SELECT id, name FROM actors WHERE name = ANY($1)`,
    [wanted],
  );
  return new Map(found.map(({ id, name }) => [name, id]));
}
