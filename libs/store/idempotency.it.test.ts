import { StoreHarness } from '#testing/engine-harness.js';
import { IdempotencyKeys, type KeyedRequest } from './idempotency.js';

let harness: StoreHarness;
let keys: IdempotencyKeys;
let request: KeyedRequest;
let used = 0;

beforeAll(async () => {
  harness = await StoreHarness.open();
  keys = new IdempotencyKeys(harness.sql);
});
afterAll(() => harness.close());
beforeEach(() => {
  used += 1;
  request = { actorId: harness.ownerId, route: 'POST /api/plans', key: `key-${used}`, bodyHash: 'a' };
});

async function age(minutes: number): Promise<void> {
  const createdAt = new Date(Date.now() - minutes * 60_000);
  await harness.db.idempotencyKey.updateMany({ where: { key: request.key }, data: { createdAt } });
}

it('begins one of many at once', async () => {
  const begun = await Promise.all(Array.from({ length: 12 }, () => keys.begin(request)));
  expect(begun.filter(({ kind }) => kind === 'begun')).toHaveLength(1);
  expect(begun.filter(({ kind }) => kind === 'running')).toHaveLength(11);
});

it('gives the answer again, and refuses another body under the same key', async () => {
  await keys.begin(request);
  await keys.finish(request, { status: 201, response: { id: 'x' } });
  expect(await keys.begin(request)).toEqual({ kind: 'done', status: 201, response: { id: 'x' } });
  expect(await keys.begin({ ...request, bodyHash: 'b' })).toEqual({ kind: 'other' });
  expect(await keys.begin({ ...request, route: 'POST /api/phases' })).toEqual({ kind: 'begun' });
});

it('lets go of a refused request, but never of an answer', async () => {
  await keys.begin(request);
  await keys.forget(request);
  expect(await keys.begin(request)).toEqual({ kind: 'begun' });
  await keys.finish(request, { status: 202, response: null });
  await keys.forget(request);
  expect(await keys.begin(request)).toEqual({ kind: 'done', status: 202, response: null });
});

it('gives a request whose process died to one of those who repeat it', async () => {
  await keys.begin(request);
  await age(11);
  const begun = await Promise.all([keys.begin(request), keys.begin(request), keys.begin(request)]);
  expect(begun.map(({ kind }) => kind).sort()).toEqual(['begun', 'running', 'running']);
});

it('forgets answers after a day', async () => {
  await keys.begin(request);
  await keys.finish(request, { status: 201, response: {} });
  await age(23 * 60);
  expect(await keys.begin(request)).toMatchObject({ kind: 'done' });
  await age(25 * 60);
  expect(await keys.begin({ ...request, bodyHash: 'b' })).toEqual({ kind: 'begun' });
});
