import pg from 'pg';
import { ApiProcess } from '#testing/api-process.js';
import { createOrigin } from '#testing/git-repositories.js';

let api: ApiProcess;
let database: pg.Client;
let plan: number;

const SPEC =
  'spec: 1\nrules:\n  - { id: route, require: { files: [a.txt] } }\nchecks:\n  - { id: unit, run: "true" }\n';
const COMMIT = 'c'.repeat(40);
const VERDICT = {
  outcome: 'pass',
  summary: 'ok',
  violations: [],
  blocking: 0,
  items: [
    { id: 'route', kind: 'rule', candidate: 'green', turned: true, violations: 0 },
    { id: 'unit', kind: 'check', candidate: 'green', turned: false, violations: 0 },
  ],
};

beforeAll(async () => {
  api = await ApiProcess.start();
  database = new pg.Client({ connectionString: api.database.url });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await api.stop();
});

beforeEach(async () => {
  const repository = await createOrigin(await api.folder.next('demo'));
  const tasks = ['users', 'orders'].map((key) => ({
    key,
    title: `Task ${key}`,
    executor: { external: {} },
    spec: SPEC,
  }));
  const phases = [{ name: 'One', mode: 'sequential', tasks }];
  const { body } = await api.post('/api/plans', { repository, plan: { name: 'Contracts', phases } });
  plan = body['number'] as number;
});

/** The rows that a task leaves behind whose work was verified and landed. */
async function finish(number: number): Promise<void> {
  const { rows } = await database.query<{ id: string; plan: string }>(
    `UPDATE plan_tasks t SET status = 'completed', commit_sha = $3, verified = true, completed_at = now()
       FROM plans p WHERE p.id = t.plan_id AND p.number = $1 AND t.number = $2 RETURNING t.id, t.plan_id AS plan`,
    [plan, number, COMMIT],
  );
  const ids = [rows[0]?.plan, rows[0]?.id];
  await database.query(
    `WITH a AS (INSERT INTO task_attempts (id, plan_id, task_id, number, status, epoch)
                VALUES (gen_random_uuid(), $1, $2, 1, 'passed', 1) RETURNING id)
     INSERT INTO verification_runs (id, plan_id, task_id, attempt_id, commit, base_commit, status, epoch, verdict, finished_at)
     SELECT gen_random_uuid(), $1, $2, a.id, $3, $3, 'passed', 1, $4, now() FROM a`,
    [...ids, COMMIT, JSON.stringify(VERDICT)],
  );
}

const list = async () =>
  (await api.get(`/api/plans/${plan}/contracts`)).body['items'] as Record<string, unknown>[];
const waive = (body: object) => api.post(`/api/plans/${plan}/contracts/waive`, body);

it('what a finished task proved is listed, waived once with a note, and kept as an iteration', async () => {
  expect(await list()).toEqual([]);
  await finish(1);
  expect(await list()).toMatchObject([
    {
      name: '1.route',
      kind: 'rule',
      task: 1,
      title: 'Task users',
      commit: COMMIT,
      state: 'standing',
      waived: null,
    },
    { name: '1.unit', kind: 'check', state: 'standing' },
  ]);
  expect(await waive({ contract: '1.route', note: 'not needed' })).toMatchObject({
    status: 202,
    body: {
      items: [{ state: 'waived', waived: { actor: 'owner', note: 'not needed' } }, { state: 'standing' }],
    },
  });
  expect((await waive({ contract: '1.route', note: 'again' })).status).toBe(409);
  const { body } = await api.get(`/api/plans/${plan}/iterations`);
  expect((body['items'] as unknown[]).at(-1)).toMatchObject({ kind: 'waiver', actor: 'owner', number: 2 });
});

it('only what is there can be waived, and only with a note', async () => {
  expect((await waive({ contract: '1.route', note: 'why' })).status).toBe(404);
  expect((await waive({ contract: '1.route' })).status).toBe(422);
  expect((await waive({ contract: 'route', note: 'why' })).status).toBe(422);
});

it('a task may supersede what an earlier one proves: by number or key, shown by key, exported, and checked whole', async () => {
  const set = (task: number, supersedes: string[]) =>
    api.patch(`/api/plan-tasks/${plan}.${task}`, { supersedes });
  expect(await set(2, ['1.route', 'users.unit'])).toMatchObject({
    status: 200,
    body: { supersedes: ['users.route', 'users.unit'] },
  });
  expect((await set(2, ['1.other'])).body['errors']).toMatchObject([
    { path: 'phases[0].tasks[1].supersedes[0]' },
  ]);
  expect((await set(1, ['2.route'])).status).toBe(422);
  expect((await api.patch(`/api/plan-tasks/${plan}.1`, { spec: null })).status).toBe(422);
  expect((await api.patch(`/api/plan-tasks/${plan}.1`, { key: 'people' })).status).toBe(200);
  const { body } = await api.get(`/api/plans/${plan}/export`);
  const [, second] = (body['phases'] as { tasks: { supersedes?: string[] }[] }[])[0]?.tasks ?? [];
  expect(second?.supersedes).toEqual(['people.route', 'people.unit']);
  await finish(1);
  await finish(2);
  expect((await list()).map(({ name, state, supersededBy }) => [name, state, supersededBy])).toEqual([
    ['1.route', 'superseded', 2],
    ['1.unit', 'superseded', 2],
    ['2.route', 'standing', null],
    ['2.unit', 'standing', null],
  ]);
});
