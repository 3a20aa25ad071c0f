import type { PlanEventView } from '#contracts/api/plans.js';
import { recordFault } from '#testing/fault-record.js';
import { findFaults } from '#testing/history-checker.js';
import { flushRedis, startTestServer, type TestServer } from '#testing/queues.js';
import { RunningDemo } from '#testing/running-demo.js';

const ON_REDIS = {
  QUEUE_BACKEND: 'redis',
  PLANWRIGHT_LEASE_MS: process.env['PLANWRIGHT_LEASE_MS'] ?? '1000',
};
const AWAY_MS = Number(process.env['PLANWRIGHT_TEST_AWAY_MS'] ?? '5000');
const TIMEOUT = 180_000 + AWAY_MS;

const starts = (task: number) => (event: PlanEventView) =>
  event.type === 'attempt.started' && event.payload['task'] === task;

/** The plan has come to its end and nothing happened twice. */
async function expectSound(demo: RunningDemo, fault: string, at: number): Promise<void> {
  await demo.event((event) => event.type === 'plan.completed');
  const history = await demo.publishedHistory();
  recordFault({ fault, backend: 'redis', at, history });
  expect(findFaults(history)).toEqual([]);
  expect(history.branch).toHaveLength(10);
}

describe('the demo on Redis ends with every task integrated exactly once', () => {
  let demo: RunningDemo;
  let server: TestServer | undefined;

  afterEach(async () => {
    await demo.remove();
    await server?.remove();
    server = undefined;
  }, TIMEOUT);

  test(
    'after SIGKILL of a Redis that is started again at once',
    async () => {
      demo = await RunningDemo.create(ON_REDIS);
      const run = await demo.startPlan();
      await demo.event(starts(3));
      const at = Date.now();
      await demo.kill('redis');
      await expectSound(demo, 'SIGKILL of Redis', at);
      expect(run.output.join('')).toContain('Redis ended (SIGKILL); starting it again');
    },
    TIMEOUT,
  );

  test(
    'after SIGKILL of a Redis that stays away for a while',
    async () => {
      server = await startTestServer('redis');
      demo = await RunningDemo.create({ ...ON_REDIS, REDIS_URL: server.config.url });
      await demo.startPlan();
      await demo.event(starts(3));
      const at = Date.now();
      await server.kill();
      await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
      await server.start();
      await expectSound(demo, 'Redis away for a while', at);
    },
    TIMEOUT,
  );

  test(
    'after FLUSHALL again and again',
    async () => {
      demo = await RunningDemo.create(ON_REDIS);
      await demo.startPlan();
      const { queue } = await demo.state();
      const at = Date.now();
      for (const task of [1, 2, 3, 4, 5, 6, 7, 8]) {
        await demo.event(starts(task));
        await flushRedis(queue?.url ?? '');
      }
      await expectSound(demo, 'FLUSHALL', at);
    },
    TIMEOUT,
  );
});
