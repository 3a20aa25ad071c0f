import type { OutputView, TranscriptView } from '#contracts/api/sessions.js';
import type { Sql } from '../sql.js';
import type { TaskPlace } from './task-reader.js';

/** What of an attempt is asked for. */
export interface SessionPart extends TaskPlace {
  readonly attempt: number;
  /** Only what has a higher number. */
  readonly after: number;
  readonly limit: number;
}

interface AttemptRow extends Pick<TranscriptView, 'task' | 'attempt' | 'status'> {
  readonly id: string;
  readonly output: string;
  readonly finishedAt: Date | null;
}

type Item<V extends { items: readonly { at: string }[] }> = Omit<V['items'][number], 'at'> & {
  readonly at: Date;
};

const ATTEMPT = `
  SELECT a.id, p.number || '.' || t.number AS task, a.number AS attempt, a.status, a.output,
         a.finished_at AS "finishedAt"
    FROM task_attempts a JOIN plan_tasks t ON t.id = a.task_id JOIN plans p ON p.id = t.plan_id
   WHERE t.plan_id = $1 AND t.number = $2 AND a.number = $3`;

/** Of a session's file, only that it is there: it is as long as a session, and packed. */
const MESSAGES = `
  SELECT seq, role,
         CASE WHEN content @> '[{"type":"session_file"}]'
              THEN (SELECT jsonb_agg(CASE WHEN block->>'type' = 'session_file' THEN block - 'data' ELSE block END ORDER BY at)
                      FROM jsonb_array_elements(content) WITH ORDINALITY AS blocks (block, at))
              ELSE content END AS content,
         usage, created_at AS at FROM attempt_messages
   WHERE attempt_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`;

const OUTPUT = `
  SELECT seq, text, created_at AS at FROM attempt_output WHERE attempt_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`;

/** In these an attempt may still say something. */
const TALKING: readonly string[] = ['queued', 'running'];
const MAX_INT4 = 2_147_483_647;

/** What attempts say and show while they work. */
export class SessionReader {
  constructor(private readonly sql: Sql) {}

  /** Null: there is no such attempt. */
  async transcript(part: SessionPart): Promise<TranscriptView | null> {
    const attempt = await this.attempt(part);
    if (attempt === null) return null;
    return this.page<TranscriptView>(attempt, part, MESSAGES);
  }

  /** What was shown live; of an attempt that showed nothing, what was kept of its output. Null: there is no such attempt. */
  async output(part: SessionPart): Promise<OutputView | null> {
    const attempt = await this.attempt(part);
    if (attempt === null) return null;
    const page = await this.page<OutputView>(attempt, part, OUTPUT);
    const { output: text, finishedAt: at } = attempt;
    if (page.items.length > 0 || part.after > 0 || text === '' || at === null) return page;
    return { ...page, items: [{ seq: 1, text, at: at.toISOString() }] };
  }

  private async attempt({ planId, taskNumber, attempt }: SessionPart): Promise<AttemptRow | null> {
    if (attempt > MAX_INT4) return null;
    const [row] = await this.sql.rows<AttemptRow>(ATTEMPT, [planId, taskNumber, attempt]);
    return row ?? null;
  }

  private async page<V extends TranscriptView | OutputView>(
    { id, task, attempt, status }: AttemptRow,
    { after, limit }: SessionPart,
    text: string,
  ): Promise<V> {
    const rows = after > MAX_INT4 ? [] : await this.sql.rows<Item<V>>(text, [id, after, limit]);
    const items = rows.map((row) => ({ ...row, at: row.at.toISOString() }));
    return { task, attempt, status, complete: rows.length < limit && !TALKING.includes(status), items } as V;
  }
}
