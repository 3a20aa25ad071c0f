import { StoreHarness } from '#testing/engine-harness.js';
import { PlanFinder } from './plan-finder.js';

let harness: StoreHarness;
beforeAll(async () => {
  harness = await StoreHarness.open();
});
afterAll(() => harness.close());

test('digits are the number of a plan, and part of an id where no plan has that number', async () => {
  const phases = [{ tasks: [{ key: 'a' }] }];
  const id = '01a1ff05-c659-7324-b12e-ef7d27540429';
  expect(await harness.plan(phases, { id })).toBe(id);
  const finder = new PlanFinder(harness.sql);
  expect(await finder.planId('27540429')).toBe(id);
  expect(await finder.planId('1')).toBe(id);
  expect(await finder.planId('27540428')).toBeNull();
  expect(await finder.planId('999')).toBeNull();
});
