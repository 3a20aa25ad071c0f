import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createHome } from '#platform/home/home.js';
import { installToken } from '#platform/home/token.js';
import { startStack } from '#platform/supervisor/supervisor.js';
import { PACKAGE_ROOT } from '../api-stack.js';
import { post, type Place } from '../api-request.js';
import { generateRepository } from '../repository.js';
import type { Ground } from './ground.js';
import type { Run } from './shape.js';

const SERVICES = ['api', 'executor-worker', 'verifier-worker'];
const FILES = 200;
const POLL_MS = 50;
/** A plan without a new event for this long is stuck. */
const SILENCE_MS = 180_000;

/** One event of a plan; `at` in ms by the database's clock. */
export interface PlanEvent {
  readonly type: string;
  readonly at: number;
  readonly task: number | null;
}

/** The whole stack as production runs it: API and workers as processes, plans by REST. */
export interface Planwright extends Place {
  readonly repository: string;
  /** Its data folder. */
  readonly home: string;
  /** The pid of a service of this moment. */
  pidOf(service: string): number;
  /** Now, by the database's clock. */
  now(): Promise<number>;
  /** Creates a plan from the text of a plan file and starts it. @returns its id */
  start(planYaml: string): Promise<string>;
  /** All events of a plan that ran to its end. @throws Error when it comes to rest elsewhere */
  completed(planId: string): Promise<readonly PlanEvent[]>;
  /** The plan that was created last. */
  latestPlan(): Promise<string>;
  eventsOf(planId: string): Promise<readonly PlanEvent[]>;
}

/**
 * Runs the work beside a stack of its own on an empty database; every process is gone afterwards.
 *
 * @param env settings of the services other than their defaults
 */
export async function withPlanwright<T>(
  ground: Ground,
  env: Readonly<Record<string, string>>,
  work: (planwright: Planwright) => Promise<T>,
): Promise<T> {
  const databaseUrl = await ground.emptyDatabase('bench_planwright');
  const folder = await mkdtemp(path.join(ground.folder, 'stack-'));
  const home = await createHome(path.join(folder, 'home'));
  const token = await installToken(home);
  const repository = path.join(folder, 'repository');
  await generateRepository(repository, FILES);
  const stop = new AbortController();
  const starting = startStack({
    home,
    packageRoot: PACKAGE_ROOT,
    log: () => undefined,
    databaseUrl,
    services: SERVICES.map((name) => ({
      name,
      entry: `dist/apps/${name}/main.js`,
      env: { ...env, ...queueSettings(ground) },
    })),
    api: { service: 'api', port: 0 },
    stop: stop.signal,
  });
  const end = ground.endings.add(async () => {
    stop.abort();
    await starting.then((stack) => stack.stop()).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });
  const database = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  database.on('error', () => undefined);
  try {
    const stack = await starting;
    const { url } = stack;
    if (url === undefined) throw new Error('The API did not say where it answers.');
    const pidOf = (service: string) => {
      const found = stack.state().services.find(({ name }) => name === service);
      if (found === undefined) throw new Error(`${service} does not run.`);
      return found.pid;
    };
    const place = { url, token };
    return await work({
      ...place,
      repository,
      home: home.root,
      pidOf,
      ...plansOf(place, repository, database),
    });
  } finally {
    await database.end();
    await end();
  }
}

function queueSettings({ redisUrl }: Ground): Record<string, string> {
  return redisUrl === null ? {} : { QUEUE_BACKEND: 'redis', REDIS_URL: redisUrl };
}

function plansOf(
  place: Place,
  repository: string,
  database: pg.Pool,
): Omit<Planwright, 'pidOf' | 'repository' | 'home' | 'url' | 'token'> {
  const eventsOf = (planId: string) => readEvents(database, planId);
  return {
    eventsOf,
    now: async () => {
      const { rows } = await database.query<{ at: Date }>('SELECT clock_timestamp() AS at');
      return rows[0]?.at.getTime() ?? Number.NaN;
    },
    start: async (planYaml) => {
      const { id } = await post<{ id: string }>(place, '/api/plans', { repository, planYaml });
      await post(place, `/api/plans/${id}/execute`, {});
      return id;
    },
    completed: async (planId) => {
      await untilCompleted(database, planId);
      return eventsOf(planId);
    },
    latestPlan: async () => {
      const { rows } = await database.query<{ id: string }>(
        'SELECT id FROM plans ORDER BY number DESC LIMIT 1',
      );
      const [latest] = rows;
      if (latest === undefined) throw new Error('There is no plan.');
      return latest.id;
    },
  };
}

/** One read by the primary key at a time, so that looking costs the plan next to nothing. */
async function untilCompleted(database: pg.Pool, planId: string): Promise<void> {
  let seq = -1;
  let changed = performance.now();
  for (;;) {
    const { rows } = await database.query<{ status: string; seq: number; note: string | null }>({
      name: 'look',
      text: 'SELECT status, event_seq AS seq, pause_note AS note FROM plans WHERE id = $1',
      values: [planId],
    });
    const [plan] = rows;
    if (plan === undefined) throw new Error(`Plan ${planId} is gone.`);
    if (plan.status === 'completed') return;
    if (['paused', 'failed', 'cancelled'].includes(plan.status))
      throw new Error(`The plan is ${plan.status}: ${plan.note ?? 'no reason is given'}`);
    if (plan.seq !== seq) changed = performance.now();
    seq = plan.seq;
    if (performance.now() - changed > SILENCE_MS)
      throw new Error(`The plan is ${plan.status} and nothing happens after event ${seq}.`);
    await sleep(POLL_MS);
  }
}

async function readEvents(database: pg.Pool, planId: string): Promise<PlanEvent[]> {
  const { rows } = await database.query<{ type: string; at: string; task: number | null }>(
    `SELECT type, extract(epoch FROM at) * 1000 AS at, (payload->>'task')::integer AS task
     FROM plan_events WHERE plan_id = $1 ORDER BY seq`,
    [planId],
  );
  return rows.map(({ type, at, task }) => ({ type, at: Number(at), task }));
}

/** The events of a completed plan as a run: from its start to the completion of each task. */
export function runOf(events: readonly PlanEvent[]): Run {
  const started = events.find(({ type }) => type === 'plan.started');
  if (started === undefined) throw new Error('The plan has not started.');
  const completedAt = events.flatMap(({ type, at }) => (type === 'task.completed' ? [at] : []));
  return { startedAt: started.at, completedAt };
}

/** When the first event of a type was. @throws Error when there is none */
export function timeOf(events: readonly PlanEvent[], type: string): number {
  const found = events.find((event) => event.type === type);
  if (found === undefined) throw new Error(`The plan has no event ${type}.`);
  return found.at;
}
