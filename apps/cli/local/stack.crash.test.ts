import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PlanView } from '#contracts/api/plans.js';
import { CRASH_BACKENDS, recordFault } from '#testing/fault-record.js';
import { createOrigin, git, TemporaryFolder } from '#testing/git-repositories.js';
import { findFaults, type History } from '#testing/history-checker.js';
import { openEffects } from '#testing/ledger.js';
import { processesBelow } from '#testing/process-traces.js';
import { eventually } from '#testing/processes.js';
import { RunningDemo } from '#testing/running-demo.js';
import { TestService } from '#testing/test-service.js';

const LEASE_MS = 1_000;
const TIMEOUT = 120_000;
/** How often a task may lose its worker before it is given up. */
const LOST_CAP = 5;

const change = (word: string, before = 'true') => ({
  title: `Write ${word}`,
  executor: { command: `${before}; echo "export const ${word} = 1;" > src/${word}.js` },
  spec: { spec: 1, rules: [{ id: word, require: { identifiers: [word] } }] },
});
const step = (title: string) => ({ title, executor: { command: 'true' }, effect: 'none' });
const planOf = (name: string, mode: 'parallel' | 'sequential', tasks: readonly object[]) => ({
  name,
  phases: [{ name: 'Only', mode, tasks }],
});

describe.each(CRASH_BACKENDS)('a stack with the queues in %s', (backend) => {
  let stack: RunningDemo;
  let folder: TemporaryFolder;
  let origin: string;

  beforeAll(async () => {
    folder = await TemporaryFolder.create();
    origin = await createOrigin(path.join(folder.path, 'origin'), { 'src/index.js': 'export {};\n' });
    // Without isolation, so that a task can reach the worker that runs it.
    stack = await RunningDemo.create({
      QUEUE_BACKEND: backend,
      PLANWRIGHT_LEASE_MS: String(LEASE_MS),
      PLANWRIGHT_SANDBOX: 'off',
    });
    stack.start('up');
    await stack.state();
  }, TIMEOUT);

  afterAll(async () => {
    await stack.remove();
    await folder.remove();
  }, TIMEOUT);

  async function start(plan: object): Promise<number> {
    const { number } = (await stack.insist('/api/plans', { repository: origin, plan })) as PlanView;
    await stack.insist(`/api/plans/${number}/execute`);
    return number;
  }

  async function completed(plan: number): Promise<History> {
    await stack.event(({ type }) => type === 'plan.completed', plan);
    return stack.history(plan);
  }

  /** When Postgres answers again, which it did no more for a moment. */
  async function acceptsAgain(): Promise<number> {
    const { databaseUrl = '' } = await stack.state();
    const answers = () =>
      openEffects(databaseUrl).then(
        () => true,
        () => false,
      );
    await eventually('Postgres is gone', async () => !(await answers()));
    await eventually('Postgres is back', answers, 30_000);
    return Date.now();
  }

  const mixed = (name: string) =>
    planOf(name, 'sequential', [
      change('alpha'),
      ...Array.from({ length: 10 }, (_, at) => step(`Step ${at}`)),
      change('omega'),
    ]);

  test(
    'whose Postgres ends at once and comes back goes on, nothing lost and nothing twice',
    async () => {
      for (const task of [1, 5, 12]) {
        const plan = await start(mixed(`Postgres ends at task ${task}`));
        await stack.event(
          ({ type, payload }) => type === 'attempt.started' && payload['task'] === task,
          plan,
        );
        const at = Date.now();
        await stack.kill('postgres', 'SIGQUIT');
        const accepts = await acceptsAgain();
        const history = await completed(plan);
        recordFault({ fault: 'Postgres ended (immediate)', backend, at, history });
        recordFault({ fault: 'the same, since it accepts connections', backend, at: accepts, history });
        expect(findFaults(history)).toEqual([]);
      }
    },
    TIMEOUT,
  );

  test(
    'that stands still as a whole for three leases loses no attempt',
    async () => {
      const plan = await start(planOf('Asleep', 'parallel', [change('asleep', 'sleep 2'), step('Look')]));
      await stack.event(({ type, payload }) => type === 'attempt.started' && payload['task'] === 1, plan);
      const { supervisor } = await stack.state();
      const everything = processesBelow(supervisor.pid);
      const at = Date.now();
      for (const pid of everything) process.kill(pid, 'SIGSTOP');
      await sleep(3 * LEASE_MS);
      for (const pid of everything) process.kill(pid, 'SIGCONT');
      const history = await completed(plan);
      recordFault({ fault: 'everything stopped for 3 leases', backend, at, history });
      expect(findFaults(history)).toEqual([]);
      expect(history.events.filter(({ type }) => type === 'attempt.lost')).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    'that is paused during a backoff, and loses its API, begins nothing before it is resumed',
    async () => {
      const quota = `[ $PLANWRIGHT_ATTEMPT = 1 ] && printf '{"outcome":"quota","resetAt":"%s"}' "$(date -u -d '+2 seconds' +%FT%TZ)" > "$PLANWRIGHT_RESULT"; true`;
      const plan = await start(
        planOf('Backoff', 'parallel', [{ ...step('Ask'), executor: { command: quota } }]),
      );
      await stack.event(({ type }) => type === 'task.retrying', plan);
      await stack.insist(`/api/plans/${plan}/pause`);
      await stack.event(({ type }) => type === 'plan.paused', plan);
      const at = Date.now();
      await stack.kill('api');
      await sleep(3_000);
      await stack.insist(`/api/plans/${plan}/resume`);
      const history = await completed(plan);
      recordFault({ fault: 'API killed, paused during a backoff', backend, at, history });
      expect(findFaults(history)).toEqual([]);
      const order = history.events.map(({ type }) => type);
      expect(order.lastIndexOf('attempt.started')).toBeGreaterThan(order.indexOf('plan.resumed'));
    },
    TIMEOUT,
  );

  test(
    'with two APIs, relays and reconcilers starts a plan once, delivers nothing twice, and mends a death once',
    async () => {
      const second = await TestService.start(stack, 'api', { PLANWRIGHT_HOME: stack.home });
      try {
        const plans: number[] = [];
        for (const name of ['One', 'Two', 'Three']) {
          const { number } = (await stack.insist('/api/plans', {
            repository: origin,
            plan: planOf(name, 'parallel', [change('near', 'sleep 0.5'), change('far'), step('Look')]),
          })) as PlanView;
          const presses = Array.from({ length: 20 }, (_, press) =>
            stack.post(`/api/plans/${number}/execute`, {}, press % 2 === 0 ? second.url : undefined),
          );
          const answers = (await Promise.all(presses)).map((answer) => answer?.status);
          expect(answers.sort()).toEqual([202, ...Array.from({ length: 19 }, () => 409)]);
          plans.push(number);
        }
        const at = Date.now();
        await stack.kill('executor-worker');
        for (const plan of plans) {
          const history = await completed(plan);
          recordFault({ fault: 'two APIs, worker killed', backend, at, history });
          expect(findFaults(history)).toEqual([]);
        }
      } finally {
        await second.stop();
      }
      const { databaseUrl = '' } = await stack.state();
      await eventually(
        'the outbox is empty',
        async () => (await openEffects(databaseUrl)).length === 0,
        60_000,
      );
    },
    TIMEOUT,
  );

  test(
    'whose origin was force-pushed goes on in its hub, says what mends it, and overwrites nothing',
    async () => {
      const plan = await start(
        planOf('Pushed', 'sequential', [change('first'), change('second', 'sleep 1')]),
      );
      await stack.event(({ type, payload }) => type === 'task.integrated' && payload['task'] === 1, plan);
      const { branch } = await stack.plan(plan);
      await eventually(
        'the first commit is published',
        async () => (await git(origin, 'for-each-ref', `refs/heads/${branch}`)) !== '',
      );
      const at = Date.now();
      const other = await git(origin, 'commit-tree', '-m', 'Somebody else', 'main^{tree}');
      await git(origin, 'update-ref', `refs/heads/${branch}`, other);
      const history = await completed(plan);
      recordFault({ fault: 'origin force-pushed', backend, at, history });
      expect(findFaults(history)).toEqual([]);
      await eventually('the refusal is shown', async () => (await stack.plan(plan)).publishError !== null);
      expect((await stack.plan(plan)).publishError).toMatch(/git /);
      expect(await git(origin, 'rev-parse', `refs/heads/${branch}`)).toBe(other);
    },
    TIMEOUT,
  );

  test(
    'in which a task kills its worker every time gives it up at its own cap, and finishes other plans',
    async () => {
      const killer = planOf('Killer', 'parallel', [
        // What starts commands is a process between the worker and the command.
        { ...step('Kill'), executor: { command: 'kill -9 $(ps -o ppid= -p $PPID)' } },
      ]);
      const at = Date.now();
      const bad = await start(killer);
      const good = await start(
        planOf(
          'Bystander',
          'sequential',
          ['a', 'b', 'c'].map((word) => change(word)),
        ),
      );
      await stack.event(({ type }) => type === 'plan.paused', bad);
      const { plan, events } = await stack.history(bad);
      expect(plan).toMatchObject({ status: 'paused', pauseReason: 'task_failed' });
      expect(events.filter(({ type }) => type === 'attempt.lost')).toHaveLength(LOST_CAP);
      expect(events.find(({ type }) => type === 'task.failed')?.payload).toMatchObject({ failure: 'lost' });
      const history = await completed(good);
      recordFault({ fault: 'a task that kills its worker', backend, at, history });
      expect(findFaults(history)).toEqual([]);
    },
    TIMEOUT,
  );
});
