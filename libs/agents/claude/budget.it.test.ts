import { resumePlan } from '#engine/commands/resume-plan.command.js';
import { updatePlan } from '#engine/commands/update-plan.command.js';
import { ClaudeWorkshop } from '#testing/claude-workshop.js';
import { uses } from '#testing/messages-api/answer.js';

/** Money from the first call of a session to the plan branch: a scripted model that costs what it says. */

const DOLLAR = 1_000_000;
let shop: ClaudeWorkshop;

beforeEach(async () => {
  shop = await ClaudeWorkshop.open({ files: { 'a.txt': 'a\n' } });
});
afterEach(() => shop.close());

const spentOf = async (planId: string) => {
  const { db } = shop.harness.stores;
  return Number((await db.spendTotal.findUniqueOrThrow({ where: { subject: planId } })).micros);
};

test('a plan stops before a dollar is crossed, says what to do, and goes on where it was once that is raised', async () => {
  const planId = await shop.run(
    [{ title: 'Work', prompt: 'Work.', maxAttempts: 1, executor: { claude: {} } }],
    ({ body }, nth) => {
      const usage = { output_tokens: Math.min(15_000, body.max_tokens ?? Infinity) };
      if (nth < 4) return uses('read_file', { path: 'a.txt' }, { usage });
      if (nth === 4) return uses('write_file', { path: 'b.txt', content: 'b\n' }, { usage });
      return uses('finish', { summary: 'Done.' }, { usage: { output_tokens: 10 } });
    },
    { budget: { plan: 1 } },
  );
  expect(shop.api.calls.map(({ body }) => body.max_tokens).slice(0, 3)).toEqual([16_000, 16_000, 16_000]);
  expect(shop.api.calls).toHaveLength(4);
  expect(shop.api.calls[3]?.body.max_tokens).toBeLessThan(5_000);
  const spent = await spentOf(planId);
  expect(spent).toBeGreaterThan(0.9 * DOLLAR);
  expect(spent).toBeLessThanOrEqual(DOLLAR);
  const { number, status, pauseReason, pauseNote } = await shop.plan(planId);
  expect([status, pauseReason]).toEqual(['paused', 'budget']);
  expect(pauseNote).toContain(`planwright update-plan ${number} --budget 2`);
  expect(await shop.task(planId)).toMatchObject({ status: 'ready', attempts: [{ failure: 'budget' }] });

  const { actorId, deps } = shop;
  await expect(resumePlan(deps, { planId, actorId })).rejects.toMatchObject({ code: 'conflict' });
  expect(shop.api.calls).toHaveLength(4);
  await updatePlan(deps, { planId, actorId, changes: { budget: { plan: 5 } } });
  await resumePlan(deps, { planId, actorId });
  await shop.work();
  expect(shop.api.calls).toHaveLength(6);
  expect(await shop.plan(planId)).toMatchObject({ status: 'completed' });
  expect(await shop.file(planId, 'b.txt')).toBe('b');
  expect(await shop.harness.stores.db.modelCall.count({ where: { status: 'reserved' } })).toBe(0);
  expect(await spentOf(planId)).toBeGreaterThan(spent);
});
