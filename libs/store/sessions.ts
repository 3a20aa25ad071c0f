import { FAILURE_COST, FAILURES } from '#domain/plan/retry.js';
import { Fenced } from '#engine/fenced.js';
import type { Usage } from '#engine/ports/llm.port.js';
import type {
  EarlierResult,
  EarlierSession,
  SessionContext,
  SessionPlace,
  SessionStore,
  StoredMessage,
} from '#engine/ports/session-store.port.js';
import type { Sql } from './sql.js';
import { storableJson, storableText } from './storable.js';

/** Of one attempt; a message that begins below the bound is stored whole. */
const TRANSCRIPT_BYTES = 8 * 2 ** 20;
const OUTPUT_BYTES = 2 ** 20;
const EARLIER = 20;
const SUMMARY_LENGTH = 2_000;

const OWN_FAULT = FAILURES.filter((failure) => FAILURE_COST[failure] === 'attempt');

/** The attempt while it is ours: whoever lost it finds no row. */
const OURS = `task_attempts a JOIN plans p ON p.id = a.plan_id AND p.epoch = a.epoch
  WHERE a.id = $1::uuid AND a.token = $2 AND a.status = 'running'`;

/** See the port. One writer appends to one attempt at a time: its lease says so, and every write names its token. */
export class PostgresSessions implements SessionStore {
  constructor(private readonly sql: Sql) {}

  async context(attemptId: string): Promise<SessionContext> {
    const [[counted], earlier, [session]] = await Promise.all([
      this.sql.rows<{ failedBefore: number }>(FAILED_BEFORE, [attemptId, OWN_FAULT]),
      this.sql.rows<EarlierResult>(EARLIER_RESULTS, [attemptId, EARLIER, SUMMARY_LENGTH]),
      this.sql.rows<EarlierSession>(EARLIER_SESSION, [attemptId]),
    ]);
    return { failedBefore: counted?.failedBefore ?? 0, earlier, session: session ?? null };
  }

  async append(place: SessionPlace, message: StoredMessage, usage: Usage | null): Promise<void> {
    const content = JSON.stringify(storableJson(message.content));
    const rows = await this.sql.rows(APPEND, [
      place.attemptId,
      place.token,
      message.role,
      content,
      usage === null ? null : JSON.stringify(usage),
      TRANSCRIPT_BYTES,
      JSON.stringify([{ type: 'text', text: CUT }]),
    ]);
    if (rows.length === 0) throw lost();
  }

  goOn(place: SessionPlace, from: string): Promise<readonly StoredMessage[]> {
    return this.sql.transaction(async (tx) => {
      const ours = await tx.rows(`SELECT 1 FROM ${OURS} FOR UPDATE OF a`, [place.attemptId, place.token]);
      if (ours.length === 0) throw lost();
      tx.send(
        `INSERT INTO attempt_messages (attempt_id, seq, role, content, usage, bytes, created_at)
         SELECT $1::uuid, m.seq, m.role, m.content, m.usage, m.bytes, m.created_at
           FROM attempt_messages m WHERE m.attempt_id = $2::uuid`,
        [place.attemptId, from],
      );
      return tx.rows<StoredMessage>(
        `SELECT role, content FROM attempt_messages WHERE attempt_id = $1::uuid ORDER BY seq`,
        [place.attemptId],
      );
    });
  }

  async addOutput({ attemptId, token }: SessionPlace, text: string): Promise<void> {
    await this.sql.rows(ADD_OUTPUT, [attemptId, token, storableText(text), OUTPUT_BYTES, `\n[${CUT}]\n`]);
  }

  async judged(id: string): ReturnType<SessionStore['judged']> {
    const [row] = await this.sql.rows<
      { status: string } & NonNullable<Awaited<ReturnType<SessionStore['judged']>>>
    >(`SELECT status, verdict, message FROM judgements WHERE id = $1::uuid`, [id]);
    if (row === undefined) return { verdict: null, message: 'the judgement is gone' };
    return row.status === 'done' || row.status === 'errored'
      ? { verdict: row.verdict, message: row.message }
      : null;
  }
}

const CUT = 'What came after this was not kept: it is more than one attempt may store.';

function lost(): Fenced {
  return new Fenced('the attempt is somebody else’s by now');
}

const APPEND = `
  WITH ours AS (
    SELECT a.id, coalesce(max(m.seq), 0) AS last, coalesce(sum(m.bytes), 0) AS size,
           coalesce(bool_or(m.role = 'note'), false) AS cut
      FROM (SELECT a.id FROM ${OURS}) a LEFT JOIN attempt_messages m ON m.attempt_id = a.id GROUP BY a.id),
  put AS (
    INSERT INTO attempt_messages (attempt_id, seq, role, content, usage, bytes)
    SELECT o.id, o.last + 1, CASE WHEN o.size < $6::int THEN $3::text ELSE 'note' END,
           CASE WHEN o.size < $6::int THEN $4::jsonb ELSE $7::jsonb END,
           CASE WHEN o.size < $6::int THEN $5::jsonb END, octet_length($4::text)
      FROM ours o WHERE NOT o.cut)
  SELECT id FROM ours`;

const ADD_OUTPUT = `
  WITH ours AS (
    SELECT a.id, coalesce(max(o.seq), 0) AS last, coalesce(sum(octet_length(o.text)), 0) AS size,
           coalesce(max(o.seq) FILTER (WHERE o.text = $5::text), 0) > 0 AS cut
      FROM (SELECT a.id FROM ${OURS}) a LEFT JOIN attempt_output o ON o.attempt_id = a.id GROUP BY a.id)
  INSERT INTO attempt_output (attempt_id, seq, text)
  SELECT o.id, o.last + 1, CASE WHEN o.size < $4::int THEN $3::text ELSE $5::text END FROM ours o WHERE NOT o.cut`;

const FAILED_BEFORE = `
  SELECT count(*)::int AS "failedBefore"
    FROM task_attempts own JOIN plan_tasks t ON t.id = own.task_id JOIN task_attempts a ON a.task_id = t.id
   WHERE own.id = $1::uuid AND a.number > t.retry_base AND a.number < own.number AND a.failure = ANY($2::text[])`;

const EARLIER_RESULTS = `
  SELECT o.number, o.title, o.commit_sha AS "commit",
         coalesce(left(CASE WHEN jsonb_typeof(l.result->'summary') = 'string' THEN l.result->>'summary' END, $3), '') AS summary
    FROM task_attempts own
    JOIN task_dependencies d ON d.task_id = own.task_id
    JOIN plan_tasks o ON o.id = d.depends_on_id
    LEFT JOIN LATERAL (SELECT a.result FROM task_attempts a
                        WHERE a.task_id = o.id AND a.status = 'passed' ORDER BY a.number DESC LIMIT 1) l ON true
   WHERE own.id = $1::uuid AND o.status IN ('completed', 'satisfied')
   ORDER BY o.number DESC LIMIT $2`;

const EARLIER_SESSION = `
  SELECT a.id AS "attemptId", a.number, a.failure, coalesce(a.input->'task'->>'prompt', '') AS prompt,
         (SELECT q.answer FROM task_questions q WHERE q.attempt_id = a.id) AS answer,
         a.status = 'cancelled' AND a.failure IS NULL
           AND NOT EXISTS (SELECT 1 FROM task_questions q WHERE q.attempt_id = a.id) AS "wasReturned",
         (SELECT c.commit FROM code_snapshots c
           WHERE c.attempt_id = a.id AND c.kind = 'failed' ORDER BY c.id DESC LIMIT 1) AS "leftCommit",
         NOT EXISTS (SELECT 1 FROM attempt_messages m WHERE m.attempt_id = a.id AND m.role = 'note') AS "isWhole"
    FROM task_attempts own JOIN task_attempts a ON a.task_id = own.task_id AND a.number < own.number
   WHERE own.id = $1::uuid AND EXISTS (SELECT 1 FROM attempt_messages m WHERE m.attempt_id = a.id)
   ORDER BY a.number DESC LIMIT 1`;
