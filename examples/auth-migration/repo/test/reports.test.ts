import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { call, startHarbour } from './support/harbour.ts';
import type { Harbour } from './support/harbour.ts';

describe('reports', () => {
  let harbour: Harbour;
  before(async () => {
    harbour = await startHarbour();
  });
  after(() => harbour.close());

  test('revenue is for managers', async () => {
    assert.deepEqual((await call(harbour.url, 'GET /reports/revenue', harbour.manager)).body, {
      billed: 70800,
      paid: 0,
      due: 70800,
    });
    assert.equal((await call(harbour.url, 'GET /reports/revenue', harbour.clerk)).status, 403);
  });

  test('the picking list is for everyone who packs', async () => {
    const answer = await call(harbour.url, 'GET /reports/files/picking-list.csv', harbour.clerk);
    assert.equal(answer.body, 'order,vessel,article,quantity\no1,Aurora,Mooring line 40 m,4');
  });

  test('the list of open invoices is for managers', async () => {
    const path = 'GET /reports/files/open-invoices.csv';
    assert.equal((await call(harbour.url, path, harbour.manager)).body, 'invoice,order,amount\ni1,o2,70800');
    assert.equal((await call(harbour.url, path, harbour.clerk)).status, 403);
  });

  test('an unknown report is not found', async () => {
    assert.equal((await call(harbour.url, 'GET /reports/files/cargo.csv', harbour.manager)).status, 404);
  });
});
