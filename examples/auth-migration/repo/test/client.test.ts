import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect } from '../src/client/harbour-client.ts';
import { ACCESS_KEYS, startHarbour } from './support/harbour.ts';
import type { Harbour } from './support/harbour.ts';

describe('client', () => {
  let harbour: Harbour;
  before(async () => {
    harbour = await startHarbour();
  });
  after(() => harbour.close());

  test('the client signs in once for all its requests', async () => {
    const client = await connect(harbour.url, 'emil', ACCESS_KEYS.emil);
    const placed = await client.placeOrder({
      vessel: 'Petrel',
      article: 'Fender',
      quantity: 2,
      price: 15800,
    });
    assert.deepEqual((await client.listOrders()).at(-1), placed);
    assert.equal((await client.listInvoices()).length, 1);
  });

  test('the client says so when the access key is wrong', async () => {
    await assert.rejects(connect(harbour.url, 'emil', 'north-pier'), /401/);
  });
});
