import { StoreHarness } from '#testing/engine-harness.js';

const SETUP = {
  commands: ['npm ci'],
  inputs: ['package-lock.json'],
  caches: ['node_modules'],
  env: { DB: 'app_${PLANWRIGHT_DB_SUFFIX}' },
  network: true,
  timeout: 600,
};

let harness: StoreHarness;

beforeAll(async () => {
  harness = await StoreHarness.open();
});
afterAll(() => harness.close());

async function setupOf(planId: string): Promise<unknown> {
  return harness.onPlan(planId, async (tx) => {
    const task = await tx.taskByNumber(1);
    return (await tx.brief(task?.id ?? '')).setup;
  });
}

it('gives a task the set-up of its plan, or else of its repository', async () => {
  const phases = [{ tasks: [{ key: 'a' }] }];
  const [without, own] = [await harness.plan(phases), await harness.plan(phases, { setup: SETUP })];
  expect(await setupOf(without)).toBeNull();
  expect(await setupOf(own)).toEqual(SETUP);
  const setup = { ...SETUP, commands: ['make deps'] };
  await harness.db.repository.update({ where: { id: harness.repositoryId }, data: { setup } });
  expect(await setupOf(without)).toEqual(setup);
  expect(await setupOf(own)).toEqual(SETUP);
});
