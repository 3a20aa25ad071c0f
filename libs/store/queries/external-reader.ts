import type { ReadyTasks, TaskContextView } from '#contracts/api/external.js';
import type { Sql } from '../sql.js';
import type { TaskPlace } from './task-reader.js';

type ReadyTask = ReadyTasks['items'][number];

interface ReadyRow extends Omit<ReadyTask, 'task' | 'why'> {
  readonly number: number;
  readonly dependencies: readonly number[];
  readonly lastStatus: string | null;
  readonly lastMessage: string | null;
}

/** A task that asks for an approval is not there yet; one whose phase or plan stands still cannot begin. */
const READY = `
  SELECT t.id, p.number AS plan, p.name AS "planName", t.number, t.title, t.effect, t.needs, s.name AS "assignedTo",
         t.attempt_count AS attempts, l.status AS "lastStatus", l.message AS "lastMessage",
         ARRAY(SELECT o.number FROM task_dependencies d JOIN plan_tasks o ON o.id = d.depends_on_id
                WHERE d.task_id = t.id AND d.kind = 'explicit' ORDER BY o.number) AS dependencies
    FROM plan_tasks t
    JOIN plans p ON p.id = t.plan_id
    JOIN phases h ON h.id = t.phase_id
    LEFT JOIN actors s ON s.id = t.assigned_to
    LEFT JOIN LATERAL (SELECT a.status, a.message FROM task_attempts a WHERE a.task_id = t.id
                        ORDER BY a.number DESC LIMIT 1) l ON true
   WHERE t.status = 'ready' AND t.executor->>'kind' = 'external' AND p.status = 'running' AND p.deleted_at IS NULL
     AND h.status = 'running' AND t.open_dependencies = 0
     AND (t.not_before IS NULL OR t.not_before <= clock_timestamp())
     AND (h.approval NOT IN ('before_task', 'both') OR t.approved_at IS NOT NULL)
     AND ($1::uuid IS NULL OR p.id = $1::uuid) AND ($2::jsonb IS NULL OR t.needs <@ $2::jsonb)
   ORDER BY p.priority DESC, p.number, h.position, t.place, t.number LIMIT $3`;

const DEPENDENCIES = `
  SELECT p.number || '.' || o.number AS task, o.title, o.status, o.commit_sha AS "commit", o.note, l.result
    FROM plan_tasks t
    JOIN plans p ON p.id = t.plan_id
    JOIN task_dependencies d ON d.task_id = t.id
    JOIN plan_tasks o ON o.id = d.depends_on_id
    LEFT JOIN LATERAL (SELECT a.result FROM task_attempts a WHERE a.task_id = o.id
                        ORDER BY a.number DESC LIMIT 1) l ON true
   WHERE t.plan_id = $1 AND t.number = $2
   GROUP BY p.number, o.id, l.result ORDER BY o.number`;

/** Named reads for whoever works outside. */
export class ExternalReader {
  constructor(private readonly sql: Sql) {}

  /** @param asked `needs`: what the asker can do; absent, as the plan: whatever it is */
  async ready(asked: {
    readonly planId: string | undefined;
    readonly needs: readonly string[] | undefined;
    readonly limit: number;
  }): Promise<ReadyTask[]> {
    const needs = asked.needs === undefined ? null : JSON.stringify(asked.needs);
    const rows = await this.sql.rows<ReadyRow>(READY, [asked.planId ?? null, needs, asked.limit]);
    return rows.map(({ number, dependencies, lastStatus, lastMessage, ...row }) => ({
      ...row,
      task: `${row.plan}.${number}`,
      why: whyReady({ dependencies, lastStatus, lastMessage }, row.plan),
    }));
  }

  /** What the tasks left that one depends on, those before it in a sequence too. */
  dependencies({ planId, taskNumber }: TaskPlace): Promise<TaskContextView['dependencies']> {
    return this.sql.rows(DEPENDENCIES, [planId, taskNumber]);
  }
}

function whyReady(
  { dependencies, lastStatus, lastMessage }: Pick<ReadyRow, 'dependencies' | 'lastStatus' | 'lastMessage'>,
  plan: number,
): string {
  const names = dependencies.map((number) => `${plan}.${number}`).join(', ');
  const begun = names === '' ? 'It depends on nothing that is open' : `What it depends on is done (${names})`;
  const last =
    lastStatus === null ? '' : ` The last attempt is ${lastStatus}: ${lastMessage ?? 'no reason is known'}.`;
  return `${begun}, and nobody has it.${last}`;
}
