import { CRASH_BACKENDS, recordFault } from '#testing/fault-record.js';
import { findFaults } from '#testing/history-checker.js';
import { RunningDemo } from '#testing/running-demo.js';
import type { PlanEventView } from '#contracts/api/plans.js';

/** Each process is killed while it has something in hand: the moment is an event of the plan. */
const MOMENTS: Readonly<Record<string, (event: PlanEventView) => boolean>> = {
  'executor-worker': (event) => event.type === 'attempt.started' && event.payload['task'] === 4,
  'verifier-worker': (event) => event.type === 'attempt.executed' && event.payload['task'] === 2,
  api: (event) => event.type === 'attempt.started' && event.payload['task'] === 5,
  postgres: (event) => event.type === 'attempt.executed' && event.payload['task'] === 3,
};

const LEASE = { PLANWRIGHT_LEASE_MS: process.env['PLANWRIGHT_LEASE_MS'] ?? '1000' };
const TIMEOUT = 180_000;

describe.each(CRASH_BACKENDS)('the demo on %s ends with every task integrated exactly once', (backend) => {
  let demo: RunningDemo;

  beforeEach(async () => {
    demo = await RunningDemo.create({ ...LEASE, QUEUE_BACKEND: backend });
  });
  afterEach(() => demo.remove(), TIMEOUT);

  test.each(Object.keys(MOMENTS))(
    'after SIGKILL of %s',
    async (victim) => {
      const run = await demo.startPlan();
      await demo.event(MOMENTS[victim] ?? (() => false));
      const at = Date.now();
      await demo.kill(victim);
      await demo.event((event) => event.type === 'plan.completed');
      const history = await demo.publishedHistory();
      recordFault({ fault: `SIGKILL of ${victim}`, backend, at, history });
      expect(findFaults(history)).toEqual([]);
      expect(history.branch).toHaveLength(10);
      expect(run.output.join('')).toContain('starting it again');
    },
    TIMEOUT,
  );

  test(
    'after SIGKILL of everything at once and a new start',
    async () => {
      await demo.startPlan();
      await demo.event((event) => event.type === 'attempt.started' && event.payload['task'] === 6);
      const at = Date.now();
      await demo.killAll();
      demo.start('up');
      for (const task of [9, 10]) {
        await demo.event(
          (event) => event.type === 'task.awaiting_approval' && event.payload['task'] === task,
        );
        await demo.approve(task);
      }
      await demo.event((event) => event.type === 'plan.completed');
      const history = await demo.publishedHistory();
      recordFault({ fault: 'SIGKILL of everything', backend, at, history });
      expect(findFaults(history)).toEqual([]);
      expect(history.branch).toHaveLength(10);
    },
    TIMEOUT,
  );
});
