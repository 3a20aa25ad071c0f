import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { call, startHarbour } from './support/harbour.ts';
import type { Harbour } from './support/harbour.ts';

describe('orders', () => {
  let harbour: Harbour;
  before(async () => {
    harbour = await startHarbour();
  });
  after(() => harbour.close());

  test('a clerk places an order and finds it again', async () => {
    const order = { vessel: 'Aurora', article: 'Signal flare', quantity: 6, price: 9300 };
    const placed = await call(harbour.url, 'POST /orders', harbour.clerk, order);
    assert.equal(placed.status, 201);
    assert.equal(placed.body.placedBy, 'u2');

    const found = await call(harbour.url, `GET /orders/${placed.body.id}`, harbour.clerk);
    assert.deepEqual(found.body, placed.body);

    const all = await call(harbour.url, 'GET /orders', harbour.clerk);
    assert.deepEqual(all.body.orders.at(-1), placed.body);
  });

  test('an order without a quantity is refused', async () => {
    const answer = await call(harbour.url, 'POST /orders', harbour.clerk, {
      vessel: 'Aurora',
      article: 'Anchor',
      price: 100,
    });
    assert.equal(answer.status, 400);
  });

  test('an order that nobody placed is not found', async () => {
    assert.equal((await call(harbour.url, 'GET /orders/o99', harbour.clerk)).status, 404);
  });

  test('only a manager ships an order, and only once', async () => {
    assert.equal((await call(harbour.url, 'POST /orders/o1/shipment', harbour.clerk)).status, 403);
    assert.equal((await call(harbour.url, 'POST /orders/o1/shipment', harbour.manager)).status, 200);
    assert.equal((await call(harbour.url, 'POST /orders/o1/shipment', harbour.manager)).status, 409);
  });
});
