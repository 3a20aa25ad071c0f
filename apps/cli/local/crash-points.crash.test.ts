import path from 'node:path';
import type { PlanView } from '#contracts/api/plans.js';
import type { CrashPoint } from '#engine/crash-points.js';
import { CRASH_ANSWERS, CRASH_FILES, SCENARIOS } from '#testing/crash-scenarios.js';
import { FaultFile } from '#testing/fault-file.js';
import { CRASH_BACKENDS, recordFault } from '#testing/fault-record.js';
import { createOrigin, TemporaryFolder } from '#testing/git-repositories.js';
import { findFaults, type PlanEnd } from '#testing/history-checker.js';
import { brokenChains, openEffects } from '#testing/ledger.js';
import { startMessagesApi, type MessagesApi } from '#testing/messages-api/messages-api.js';
import { TEST_KEY } from '#testing/messages-api/model-calls.js';
import { eventually } from '#testing/processes.js';
import { RunningDemo } from '#testing/running-demo.js';

const TIMEOUT = 60_000;
/** A notice that a dead process held is sent again after two minutes. */
const HELD_MS = 180_000;
const SERVICES = ['api', 'executor-worker', 'verifier-worker'];
/** Every process reaches these, each with other effects. */
const EVERYWHERE: readonly CrashPoint[] = ['committed', 'delivered'];

/** Only these, separated by commas, where the time is short. */
const WANTED = process.env['PLANWRIGHT_TEST_POINTS']?.split(',');
const POINTS = (Object.keys(SCENARIOS) as CrashPoint[]).filter((point) => WANTED?.includes(point) ?? true);

const CASES = POINTS.flatMap((point): { point: CrashPoint; service?: string; where: string }[] =>
  EVERYWHERE.includes(point)
    ? SERVICES.map((service) => ({ point, service, where: `${point} in the ${service}` }))
    : [{ point, where: point }],
);

describe.each(CRASH_BACKENDS)('a process that dies, with the queues in %s', (backend) => {
  let stack: RunningDemo;
  let faults: FaultFile;
  let folder: TemporaryFolder;
  let origin: string;
  let models: MessagesApi;
  const plans: { readonly number: number; readonly end: PlanEnd }[] = [];

  beforeAll(async () => {
    folder = await TemporaryFolder.create();
    faults = await FaultFile.create();
    origin = await createOrigin(path.join(folder.path, 'origin'), CRASH_FILES);
    models = await startMessagesApi(CRASH_ANSWERS, { key: TEST_KEY });
    stack = await RunningDemo.create({
      ...faults.env,
      QUEUE_BACKEND: backend,
      PLANWRIGHT_LEASE_MS: '1000',
      PLANWRIGHT_NOTIFY: 'true',
      ANTHROPIC_API_KEY: TEST_KEY,
      ANTHROPIC_BASE_URL: models.url,
    });
    stack.start('up');
    await stack.state();
  }, TIMEOUT);

  afterAll(async () => {
    await stack.remove();
    await models.close();
    await faults.remove();
    await folder.remove();
  }, TIMEOUT);

  test.each(CASES)(
    'at $where leaves a plan that ends right',
    async ({ point, service, where }) => {
      const { plan, end, commits, drive, first } = SCENARIOS[point];
      const { number } = (await stack.insist('/api/plans', { repository: origin, plan })) as PlanView;
      const arm = () => faults.set({ point, ...(service === undefined ? {} : { service }) });
      if (first !== undefined) await faults.set(first);
      else if (drive === undefined) await arm();
      await stack.post(`/api/plans/${number}/execute`);
      await drive?.({ stack, faults, origin, plan: number, arm });
      const at = await faults.taken();
      await stack.event(({ type }) => type === `plan.${end}`, number);
      const history = await stack.history(number);
      plans.push({ number, end });
      recordFault({ fault: `killed at ${where}`, backend, at, history, end });
      expect(findFaults(history, end)).toEqual([]);
      expect(history.branch).toHaveLength(commits ?? history.branch.length);
    },
    TIMEOUT,
  );

  test(
    'leaves in the end all branches published, no effect open, and every chain of events whole',
    async () => {
      for (const { number, end } of plans)
        expect([number, findFaults(await stack.publishedHistory(number), end)]).toEqual([number, []]);
      const { databaseUrl = '' } = await stack.state();
      await eventually(
        'the outbox is empty',
        async () => (await openEffects(databaseUrl)).length === 0,
        HELD_MS,
      );
      expect(await brokenChains(databaseUrl)).toEqual([]);
    },
    HELD_MS + TIMEOUT,
  );
});
