import path from 'node:path';
import type { PlanView } from '#contracts/api/plans.js';
import { recordFault } from '#testing/fault-record.js';
import { createOrigin, TemporaryFolder } from '#testing/git-repositories.js';
import { findFaults } from '#testing/history-checker.js';
import { brokenChains } from '#testing/ledger.js';
import { OldBuild } from '#testing/old-build.js';
import { RunningDemo } from '#testing/running-demo.js';
import { TestService } from '#testing/test-service.js';

const TIMEOUT = 180_000;

const change = (word: string) => ({
  title: `Write ${word}`,
  executor: { command: `echo "export const ${word} = 1;" > ${word}.js` },
  spec: { spec: 1, rules: [{ id: word, require: { identifiers: [word] } }] },
});
const words = (count: number) => Array.from({ length: count }, (_, at) => `word${at}`);

/** Its workers had their queues in Postgres, and knew of changes alone. */
describe('workers of the build before the newest migration, beside an API of this one', () => {
  let folder: TemporaryFolder;
  let old: OldBuild;
  let stack: RunningDemo;
  let origin: string;
  const services: TestService[] = [];

  beforeAll(async () => {
    folder = await TemporaryFolder.create();
    origin = await createOrigin(path.join(folder.path, 'origin'), { 'index.js': 'export {};\n' });
    old = await OldBuild.create();
    stack = await RunningDemo.create({ QUEUE_BACKEND: 'postgres', PLANWRIGHT_LEASE_MS: '2000' });
    stack.start('up', '--no-workers');
    await stack.state();
    for (const kind of ['executor-worker', 'verifier-worker'] as const)
      services.push(await TestService.start(stack, kind, {}, { build: old.root }));
  }, TIMEOUT);

  afterAll(async () => {
    for (const service of services) await service.stop();
    await stack.remove();
    await old.remove();
    await folder.remove();
  }, TIMEOUT);

  async function run(name: string): Promise<void> {
    const plan = { name, phases: [{ name: 'Only', mode: 'parallel', tasks: words(6).map(change) }] };
    const { number } = (await stack.insist('/api/plans', { repository: origin, plan })) as PlanView;
    const at = Date.now();
    await stack.insist(`/api/plans/${number}/execute`);
    await stack.event(({ type }) => type === 'plan.completed', number);
    const history = await stack.publishedHistory(number);
    recordFault({ fault: name, backend: 'postgres', at, history });
    expect(findFaults(history)).toEqual([]);
    expect(history.branch).toHaveLength(6);
  }

  test('finish a plan on the new tables', () => run('old workers, new database'), TIMEOUT);

  test(
    'finish one together with workers of this build',
    async () => {
      for (const kind of ['executor-worker', 'verifier-worker'] as const)
        services.push(await TestService.start(stack, kind));
      await run('old and new workers together');
      expect(await brokenChains((await stack.state()).databaseUrl ?? '')).toEqual([]);
    },
    TIMEOUT,
  );
});
