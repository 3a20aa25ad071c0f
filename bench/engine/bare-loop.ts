import pg from 'pg';
import { dependantsOf, type Run, type Shape } from './shape.js';

/**
 * The least that a durable engine on Postgres can do: claim a row with a fence and a lease, complete it under that fence
 * and release what waited for it. One statement each, prepared; no events, no queue, no processes between.
 */

const TABLES = `
  DROP TABLE IF EXISTS edges, tasks;
  CREATE TABLE tasks (
    id integer PRIMARY KEY,
    plan_id integer NOT NULL,
    status text NOT NULL,
    token integer NOT NULL DEFAULT 0,
    lease_until timestamptz,
    open_dependencies integer NOT NULL,
    result jsonb
  );
  CREATE INDEX tasks_ready ON tasks (id) WHERE status = 'ready';
  CREATE TABLE edges (
    depends_on_id integer NOT NULL,
    task_id integer NOT NULL,
    PRIMARY KEY (depends_on_id, task_id)
  )`;

const CLAIM = `
  UPDATE tasks SET status = 'running', token = token + 1, lease_until = now() + interval '10 s'
  WHERE id = (SELECT id FROM tasks WHERE status = 'ready' ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1)
  RETURNING id, token`;

const COMPLETE = `
  UPDATE tasks SET status = 'completed', lease_until = NULL, result = $3
  WHERE id = $1 AND token = $2 AND status = 'running'`;

/** Dependants are locked in the order of their ids: two that complete at once may share some. */
const COMPLETE_AND_RELEASE = `
  WITH completed AS (${COMPLETE} RETURNING id),
  waiting AS (
    SELECT tasks.id FROM completed
    JOIN edges ON edges.depends_on_id = completed.id JOIN tasks ON tasks.id = edges.task_id
    ORDER BY tasks.id FOR UPDATE OF tasks
  )
  UPDATE tasks SET
    open_dependencies = open_dependencies - 1,
    status = CASE WHEN open_dependencies = 1 THEN 'ready' ELSE tasks.status END
  FROM waiting WHERE tasks.id = waiting.id`;

const RESULT = JSON.stringify({ outcome: 'done' });

/** Runs the shape over so many connections, each with one task at a time. */
export async function runBareLoop(url: string, shape: Shape, connections: number): Promise<Run> {
  const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: url }));
  await Promise.all(clients.map((client) => client.connect()));
  try {
    const [first] = clients;
    if (first === undefined) throw new Error('The loop needs a connection.');
    await fill(first, shape);
    const loop = new Loop(shape);
    const startedAt = performance.now();
    await Promise.all(clients.map((client) => loop.work(client)));
    return { startedAt, completedAt: loop.completedAt };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

async function fill(client: pg.Client, shape: Shape): Promise<void> {
  const counts = shape.tasks.map((dependencies) => dependencies.length);
  const edges = dependantsOf(shape).flatMap((dependants, task) =>
    dependants.map((id) => [task, id] as const),
  );
  await client.query(TABLES);
  await client.query(
    `INSERT INTO tasks (id, plan_id, status, open_dependencies)
     SELECT place - 1, 1, CASE WHEN count = 0 THEN 'ready' ELSE 'waiting' END, count
     FROM unnest($1::integer[]) WITH ORDINALITY AS given (count, place)`,
    [counts],
  );
  await client.query('INSERT INTO edges SELECT * FROM unnest($1::integer[], $2::integer[])', [
    edges.map(([task]) => task),
    edges.map(([, dependant]) => dependant),
  ]);
  await client.query('ANALYZE tasks, edges');
}

class Loop {
  readonly completedAt: number[] = [];
  private readonly hasEdges: boolean;
  /** Grows with each completion, so that a claim that found nothing knows whether it looked too early. */
  private completions = 0;
  private idle: (() => void)[] = [];

  constructor(private readonly shape: Shape) {
    this.hasEdges = shape.tasks.some((dependencies) => dependencies.length > 0);
  }

  /** Works until every task is completed. */
  async work(client: pg.Client): Promise<void> {
    while (this.completions < this.shape.tasks.length) {
      const seen = this.completions;
      const { rows } = await client.query<{ id: number; token: number }>({ name: 'claim', text: CLAIM });
      const [claimed] = rows;
      if (claimed !== undefined) await this.complete(client, claimed);
      else if (seen === this.completions) await new Promise<void>((resolve) => this.idle.push(resolve));
    }
  }

  private async complete(client: pg.Client, { id, token }: { id: number; token: number }): Promise<void> {
    const values = [id, token, RESULT];
    if (this.hasEdges) await client.query({ name: 'release', text: COMPLETE_AND_RELEASE, values });
    else await client.query({ name: 'complete', text: COMPLETE, values });
    this.completedAt.push(performance.now());
    this.completions += 1;
    const woken = this.idle;
    this.idle = [];
    for (const wake of woken) wake();
  }
}
