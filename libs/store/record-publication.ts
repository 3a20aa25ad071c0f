import type { Effect } from '#domain/plan/decision.js';
import { putIntoOutbox } from './outbox.js';
import type { Sql } from './sql.js';

/** Shows on the plan what came of publishing it. A person is told of a refusal once, not at every try. */
export async function recordPublication(
  sql: Sql,
  planId: string,
  result: { readonly commit: string } | { readonly error: string },
): Promise<void> {
  if ('commit' in result) {
    await sql.rows('UPDATE plans SET published_commit = $2, publish_error = NULL WHERE id = $1', [
      planId,
      result.commit,
    ]);
    return;
  }
  const { error } = result;
  await sql.transaction(async (tx) => {
    const [changed] = await tx.rows<{ now: Date }>(
      `UPDATE plans SET publish_error = $2 WHERE id = $1 AND publish_error IS DISTINCT FROM $2
       RETURNING clock_timestamp() AS now`,
      [planId, error],
    );
    if (changed === undefined) return;
    const notice: Effect = { kind: 'notify', event: 'plan.publish_refused', payload: { error } };
    await putIntoOutbox(tx, planId, [notice], changed.now);
  });
}
