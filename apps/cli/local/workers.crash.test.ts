import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PlanView } from '#contracts/api/plans.js';
import { FaultFile } from '#testing/fault-file.js';
import { CRASH_BACKENDS, recordFault } from '#testing/fault-record.js';
import { createOrigin, git, TemporaryFolder } from '#testing/git-repositories.js';
import { findFaults, type History } from '#testing/history-checker.js';
import { PausingProxy } from '#testing/pausing-proxy.js';
import { RunningDemo } from '#testing/running-demo.js';
import { TestService } from '#testing/test-service.js';

const LEASE_MS = 1_000;
const TIMEOUT = 90_000;
const HOUR_MS = 3_600_000;

const WORD = { spec: 1, rules: [{ id: 'word', require: { identifiers: ['after'] } }] };
/** Long enough to be in the middle of, and with a spec that turns. */
const CHANGE = {
  title: 'Change',
  executor: { command: 'sleep 1.5; echo "export const after = 1;" > word.js' },
  spec: WORD,
};
const STEP = { title: 'Look', executor: { command: 'true' }, effect: 'none' };
const planOf = (name: string, ...tasks: readonly object[]) => ({
  name,
  phases: [{ name: 'Only', mode: 'parallel', tasks }],
});

describe.each(CRASH_BACKENDS)('a worker with the queues in %s', (backend) => {
  let stack: RunningDemo;
  let verifier: TestService;
  let folder: TemporaryFolder;
  let origin: string;
  const mine: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    folder = await TemporaryFolder.create();
    origin = await createOrigin(path.join(folder.path, 'origin'), {
      'word.js': 'export const before = 1;\n',
      'large.bin': randomBytes(4 * 2 ** 20),
    });
    stack = await RunningDemo.create({ QUEUE_BACKEND: backend, PLANWRIGHT_LEASE_MS: String(LEASE_MS) });
    stack.start('up', '--no-workers');
    await stack.state();
    verifier = await TestService.start(stack, 'verifier-worker');
  }, TIMEOUT);

  afterEach(async () => {
    for (const end of mine.splice(0).reverse()) await end();
  }, TIMEOUT);

  afterAll(async () => {
    await verifier.stop();
    await stack.remove();
    await folder.remove();
  }, TIMEOUT);

  async function executor(env: Readonly<Record<string, string>> = {}, disk = ''): Promise<TestService> {
    const worker = await TestService.start(stack, 'executor-worker', env, { disk });
    let stopped: Promise<void> | undefined;
    const stop = worker.stop.bind(worker);
    worker.stop = () => (stopped ??= stop());
    mine.push(() => worker.stop());
    return worker;
  }

  async function start(plan: object): Promise<number> {
    const { number } = (await stack.insist('/api/plans', { repository: origin, plan })) as PlanView;
    await stack.insist(`/api/plans/${number}/execute`);
    return number;
  }

  async function completed(plan: number): Promise<History> {
    await stack.event(({ type }) => type === 'plan.completed', plan);
    return stack.history(plan);
  }

  /** Attempts that were lost with their worker. */
  /** How strong its spec is, the verifier measures when it has time. */
  const ofTheWork = ({ events }: History) => events.filter(({ type }) => type !== 'task.strength_measured');
  const lost = ({ events }: History) => events.filter(({ type }) => type === 'attempt.lost');

  async function candidatesOf({ plan }: History): Promise<number> {
    const hub = path.join(stack.home, 'hubs', `${plan.repository.id}.git`);
    const refs = await git(hub, '-c', 'safe.directory=*', 'for-each-ref', '--format=%(refname)');
    return refs.split('\n').filter((ref) => ref.startsWith('refs/planwright/candidates/')).length;
  }

  /**
   * A worker is hurt in the middle of its task for longer than its lease; another one does the task. Then the first is
   * well again: what it still had in hand comes to nothing, and it works on.
   */
  async function expectFencedOff(
    fault: string,
    victim: TestService,
    hurt: (plan: number) => Promise<number>,
    heal: () => void,
  ): Promise<void> {
    const plan = await start(planOf(fault, CHANGE));
    const at = await hurt(plan);
    const rescuer = await executor();
    const before = await completed(plan);
    recordFault({ fault, backend, at, history: before });
    expect(findFaults(before)).toEqual([]);
    expect(lost(before)).toHaveLength(1);
    const candidates = await candidatesOf(before);
    await rescuer.stop();
    heal();
    const next = await completed(await start(planOf('The next one', CHANGE)));
    expect(findFaults(next)).toEqual([]);
    expect(lost(next)).toEqual([]);
    await victim.stop();
    // Whatever the victim still did, it had done before it ended.
    const after = await stack.history(plan);
    expect(after.branch).toEqual(before.branch);
    expect(ofTheWork(after)).toEqual(ofTheWork(before));
    expect(await candidatesOf(next)).toBe(candidates + 1);
  }

  const midTask = async (plan: number): Promise<number> => {
    await stack.event(({ type }) => type === 'attempt.started', plan);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return Date.now();
  };

  test(
    'that is stopped past its lease writes no state and pushes no ref when it goes on',
    async () => {
      const victim = await executor();
      const hurt = async (plan: number) => {
        const at = await midTask(plan);
        victim.signal('SIGSTOP');
        return at;
      };
      await expectFencedOff('worker stopped past its lease', victim, hurt, () => victim.signal('SIGCONT'));
    },
    TIMEOUT,
  );

  test(
    'whose event loop is blocked for longer than its lease loses the work safely',
    async () => {
      const faults = await FaultFile.create();
      mine.push(() => faults.remove());
      const victim = await executor(faults.env);
      const hurt = async () => {
        await faults.set({ point: 'attempt.executed', blockMs: 8 * LEASE_MS });
        return faults.taken();
      };
      await expectFencedOff('event loop blocked past the lease', victim, hurt, () => undefined);
    },
    TIMEOUT,
  );

  test(
    'that is cut off from the database and the queue comes back fenced off',
    async () => {
      const { databaseUrl = '', queue } = await stack.state();
      const cables = [await PausingProxy.to(databaseUrl)];
      if (backend === 'redis') cables.push(await PausingProxy.to(queue?.url ?? ''));
      for (const cable of cables) mine.push(() => cable.close());
      const [toDatabase, toRedis] = cables.map(({ url }) => url);
      const victim = await executor({
        DATABASE_URL: toDatabase ?? '',
        ...(toRedis === undefined ? {} : { REDIS_URL: toRedis }),
      });
      const hurt = async (plan: number) => {
        const at = await midTask(plan);
        for (const cable of cables) cable.cut();
        return at;
      };
      await expectFencedOff('network partition', victim, hurt, () => {
        for (const cable of cables) cable.heal();
      });
    },
    TIMEOUT,
  );

  test.each([
    ['ahead', HOUR_MS],
    ['behind', -HOUR_MS],
  ])(
    'whose clock is an hour %s keeps its leases and takes nobody else’s',
    async (_, shift) => {
      const script = await folder.next('shifted-clock.cjs');
      await writeFile(
        script,
        `const now = Date.now; const Real = Date;
         globalThis.Date = class extends Real {
           constructor(...args) { args.length === 0 ? super(now() + ${shift}) : super(...args); }
           static now() { return now() + ${shift}; }
         };`,
      );
      await executor();
      await executor({ NODE_OPTIONS: `--require=${script}` });
      const long = { ...CHANGE, executor: { command: `sleep 2; ${CHANGE.executor.command}` } };
      const history = await completed(
        await start(planOf('Skewed', long, STEP, STEP, STEP, STEP, STEP, STEP)),
      );
      recordFault({ fault: 'clock skew', backend, at: Date.parse(history.plan.createdAt), history });
      expect(findFaults(history)).toEqual([]);
      expect(lost(history)).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    'whose disk is full fails its attempts as infrastructure, names the reason, and does what needs no space',
    async () => {
      const victim = await executor({}, '3m');
      const at = Date.now();
      const plan = await start(planOf('Full', CHANGE, STEP));
      const failed = await stack.event(({ type }) => type === 'attempt.failed', plan);
      expect(failed.payload).toMatchObject({ task: 1, failure: 'infrastructure' });
      expect(failed.payload['message']).toMatch(/The disk of .* has \d+ KiB left|no space left/i);
      await stack.event(({ type, payload }) => type === 'task.completed' && payload['task'] === 2, plan);
      await victim.stop();
      await executor();
      const history = await completed(plan);
      recordFault({ fault: 'disk full', backend, at, history });
      expect(findFaults(history)).toEqual([]);
    },
    TIMEOUT,
  );
});
