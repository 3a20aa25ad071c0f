import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { call, startHarbour } from './support/harbour.ts';
import type { Harbour } from './support/harbour.ts';

describe('invoices', () => {
  let harbour: Harbour;
  before(async () => {
    harbour = await startHarbour();
  });
  after(() => harbour.close());

  test('an order is invoiced once, at its price', async () => {
    const issued = await call(harbour.url, 'POST /invoices', harbour.manager, { orderId: 'o1' });
    assert.equal(issued.status, 201);
    assert.deepEqual(issued.body, { id: 'i2', orderId: 'o1', amount: 51600, status: 'due' });
    assert.equal((await call(harbour.url, 'POST /invoices', harbour.manager, { orderId: 'o1' })).status, 409);
  });

  test('a manager settles an invoice, and everyone sees it', async () => {
    assert.equal((await call(harbour.url, 'POST /invoices/i1/payment', harbour.manager)).status, 200);
    const { body } = await call(harbour.url, 'GET /invoices', harbour.clerk);
    assert.equal(body.invoices[0].status, 'paid');
  });

  test('a clerk neither issues nor settles', async () => {
    assert.equal((await call(harbour.url, 'POST /invoices', harbour.clerk, { orderId: 'o1' })).status, 403);
    assert.equal((await call(harbour.url, 'POST /invoices/i1/payment', harbour.clerk)).status, 403);
  });
});
