import type { AnalyticsKey, AnalyticsView } from '#contracts/api/analytics.js';
import { profileFileSchema } from '#contracts/profile/profile-file.js';
import { createPlan } from '#engine/commands/create-plan.command.js';
import { createProfile } from '#engine/commands/create-profile.command.js';
import { startPlan } from '#engine/commands/start-plan.command.js';
import { updateTask } from '#engine/commands/update-task.command.js';
import type { AnalyticsQuestion } from '#engine/ports/analytics.port.js';
import { onPlan } from '#engine/unit-of-work.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { EngineWorker } from '#testing/engine-worker.js';
import { createOrigin } from '#testing/git-repositories.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { spendOn } from '#testing/spend.js';
import { AnalyticsReader } from './analytics-reader.js';

/** Sums over attempts that the engine really made; only their times are moved, and what models cost is written down. */

let harness: EngineHarness;
let kit: GitTestKit;
let planId: string;

const FILES = { 'src/app.ts': 'export const app = 1;\n', 'docs/a.md': 'A\n' };
const onAttempt = (lines: readonly string[]) =>
  `case "$PLANWRIGHT_ATTEMPT" in ${lines.map((line, at) => `${at + 1}) ${line};;`).join(' ')} esac`;
const TASKS = [
  {
    title: 'Leaves its scope first',
    profile: 'docs',
    executor: { command: onAttempt(['echo x >> src/app.ts', 'echo B >> docs/a.md']) },
  },
  { title: 'Is right at once', profile: 'docs', executor: { command: 'echo C >> docs/a.md' } },
  {
    title: 'Breaks, then is red',
    needs: ['typescript'],
    spec: {
      spec: 1,
      rules: [{ id: 'two', require: { identifiers: ['two'] }, scope: { include: ['src/**'] } }],
    },
  },
  { title: 'Is nobody’s work', executor: { milestone: {} } },
  { title: 'Never works', executor: { command: 'exit 1' }, maxAttempts: 1 },
];

beforeAll(async () => {
  harness = await EngineHarness.open();
  kit = await GitTestKit.create();
  const worker = await EngineWorker.open(harness, kit);
  const fails = onAttempt([
    'exit 1',
    'echo "export const one = 1;" > src/two.ts',
    'echo "export const two = 2;" > src/two.ts',
  ]);
  for (const [slug, command, capabilities, writes] of [
    ['docs', 'true', [], ['docs/**']],
    ['code', fails, ['typescript'], []],
  ] as const) {
    const file = { slug, type: 'x', executor: { command }, capabilities: [...capabilities] };
    await createProfile(
      worker.deps,
      profileFileSchema.parse({ ...file, constraints: { writes: [...writes] } }),
    );
  }
  const actorId = harness.stores.ownerId;
  const repository = await createOrigin(await kit.folder.next('origin'), FILES);
  const plan = { value: { name: 'Work', phases: [{ name: 'One', mode: 'sequential', tasks: TASKS }] } };
  planId = (await createPlan(worker.deps, { repository, plan, actorId })).id;
  await startPlan(worker.deps, { planId, actorId });
  await worker.drain(planId);
  // Tasks whose attempt broke are tried again after a while, which nobody waits for here.
  while ((await harness.stores.sql.rows(AT_ONCE, [planId])).length > 0) {
    await onPlan(worker.deps, planId, async () => {});
    await worker.drain(planId);
  }
  await moveTimes();
  await spend();
}, 60_000);
afterAll(async () => {
  await harness.close();
  await kit.remove();
});

const AT_ONCE = `
  UPDATE plan_tasks SET not_before = NULL WHERE plan_id = $1 AND status = 'ready' AND not_before IS NOT NULL RETURNING 1`;

/** Of each attempt, by task and number: when it began, and how many seconds it took. */
const TIMES: Readonly<Record<string, readonly [string, number]>> = {
  '1.1': ['2025-12-29T00:00:00Z', 10],
  '1.2': ['2026-01-04T23:59:59Z', 20],
  '2.1': ['2026-01-05T00:00:00Z', 30],
  '3.1': ['2026-01-05T01:00:00Z', 1],
  '3.2': ['2026-01-06T00:00:00Z', 2],
  '3.3': ['2026-01-07T00:00:00Z', 3],
  '5.1': ['2026-01-08T00:00:00Z', 4],
};

async function attemptId(name: string): Promise<string> {
  const [task, number] = name.split('.').map(Number);
  const where = { planId, number: number ?? 0, task: { number: task ?? 0 } };
  return (await harness.stores.db.taskAttempt.findFirstOrThrow({ where })).id;
}

async function moveTimes(): Promise<void> {
  for (const [name, [startedAt, seconds]] of Object.entries(TIMES))
    await harness.stores.sql.rows(
      `UPDATE task_attempts SET started_at = $2::timestamptz, finished_at = $2::timestamptz + $3::int * interval '1 s'
        WHERE id = $1`,
      [await attemptId(name), startedAt, seconds],
    );
}

/** What a ladder does: the second attempt began with the small model, and went on with the large one. */
async function spend(): Promise<void> {
  const port = spendOn(harness.stores);
  const usage = { inputTokens: 100, outputTokens: 10, cacheWriteTokens: 1, cacheReadTokens: 1_000 };
  for (const [name, model, costUsd] of [
    ['1.1', 'small', 0.000_001],
    ['1.2', 'small', 0.25],
    ['1.2', 'large', 1],
    ['2.1', 'large', 2.000_001],
  ] as const)
    await port.record(
      { planId, role: 'executor', attemptId: await attemptId(name), token: 1 },
      { model, usage, costUsd },
    );
}

const ask = (by: AnalyticsKey[], over: Partial<AnalyticsQuestion> = {}): Promise<AnalyticsView> =>
  new AnalyticsReader(harness.stores.sql).analytics({ by, ...over });

test('a profile has its attempts, what passed at once, and why the others were made again', async () => {
  const { rows, total } = await ask(['profile']);
  expect(rows).toMatchObject([
    {
      profile: 'code',
      attempts: 3,
      tasks: 1,
      completed: 1,
      firstPass: { judged: 1, passed: 0, rate: 0 },
      retries: 2,
      failures: [
        { failure: 'agent_failed', attempts: 1, retries: 1 },
        { failure: 'verification_failed', attempts: 1, retries: 1 },
      ],
      duration: { p50: 2_000, p95: 2_900, total: 6_000 },
      cost: { micros: 0, microsPerTask: 0, calls: 0 },
    },
    {
      profile: 'docs',
      attempts: 3,
      tasks: 2,
      completed: 2,
      firstPass: { judged: 2, passed: 1, rate: 0.5 },
      retries: 1,
      failures: [{ failure: 'scope_exceeded', attempts: 1, retries: 1 }],
      duration: { p50: 20_000, p95: 29_000, total: 60_000 },
      cost: {
        micros: 3_250_002,
        microsPerTask: 1_625_001,
        inputTokens: 400,
        outputTokens: 40,
        cacheWriteTokens: 4,
        cacheReadTokens: 4_000,
        calls: 4,
      },
    },
    {
      profile: null,
      attempts: 1,
      tasks: 1,
      completed: 0,
      firstPass: { judged: 1, passed: 0, rate: 0 },
      retries: 0,
      failures: [{ failure: 'agent_failed', attempts: 1, retries: 0 }],
      cost: { micros: 0, microsPerTask: null },
    },
  ]);
  expect(total).toMatchObject({
    attempts: 7,
    tasks: 4,
    completed: 3,
    firstPass: { judged: 4, passed: 1, rate: 0.25 },
    retries: 3,
    failures: [
      { failure: 'agent_failed', attempts: 2, retries: 1 },
      { failure: 'scope_exceeded', attempts: 1 },
      { failure: 'verification_failed', attempts: 1 },
    ],
    duration: { total: 70_000 },
    cost: { micros: 3_250_002, microsPerTask: 1_083_334 },
  });
});

test('weeks are those of ISO 8601 in UTC, and two keys make a row for each pair', async () => {
  const { by, rows } = await ask(['week', 'profile']);
  expect(by).toEqual(['week', 'profile']);
  expect(rows.map(({ week, profile, attempts }) => [week, profile, attempts])).toEqual([
    ['2026-W01', 'docs', 2],
    ['2026-W02', 'code', 3],
    ['2026-W02', 'docs', 1],
    ['2026-W02', null, 1],
  ]);
});

test('an attempt is of the model of its last call, and money of the model that took it', async () => {
  const { rows, total } = await ask(['model']);
  expect(
    rows.map(({ model, attempts, completed, cost }) => [model, attempts, completed, cost.micros]),
  ).toEqual([
    ['large', 2, 2, 3_000_001],
    ['small', 1, 0, 250_001],
    [null, 4, 1, 0],
  ]);
  expect(total).toMatchObject({ attempts: 7, cost: { micros: 3_250_002, calls: 4 } });
});

test('an executor is the one that did it, whatever its task says since', async () => {
  const words = async () =>
    (await ask(['executor'])).rows.map(({ executor, attempts }) => [executor, attempts]);
  expect(await words()).toEqual([['command', 7]]);
  const edit = { planId, actorId: harness.stores.ownerId, taskNumber: 5 };
  await updateTask(harness.deps, { ...edit, changes: { executor: { external: {} } } });
  expect(await words()).toEqual([['command', 7]]);
});

test('days are of UTC and both included; a first pass stays that of the whole task', async () => {
  const days = async (from?: string, to?: string) => (await ask(['profile'], { from, to })).total.attempts;
  expect([await days('2026-01-05'), await days(undefined, '2026-01-04')]).toEqual([5, 2]);
  expect(await days('2026-01-06', '2026-01-06')).toBe(1);
  const later = await ask(['profile'], { from: '2026-01-06', to: '2026-01-07' });
  expect(later.rows).toMatchObject([
    {
      profile: 'code',
      attempts: 2,
      completed: 1,
      firstPass: { judged: 0, passed: 0, rate: null },
      retries: 1,
    },
  ]);
});

test('another plan, another repository and a plan that was deleted have no part', async () => {
  const other = '01a1fcaf-4248-748b-b49c-d000671387d7';
  const { repositoryId } = await harness.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
  const counts = async (over: Partial<AnalyticsQuestion>) => (await ask(['profile'], over)).total.attempts;
  expect(await counts({ planId, repositoryId })).toBe(7);
  expect(await ask(['profile'], { planId: other })).toMatchObject({
    rows: [],
    total: { attempts: 0, firstPass: { rate: null }, failures: [], duration: null, cost: { micros: 0 } },
  });
  expect(await counts({ repositoryId: other })).toBe(0);
  await harness.stores.db.plan.update({ where: { id: planId }, data: { deletedAt: new Date() } });
  expect(await counts({})).toBe(0);
  await harness.stores.db.plan.update({ where: { id: planId }, data: { deletedAt: null } });
});
