import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { call, startHarbour } from './support/harbour.ts';
import type { Harbour } from './support/harbour.ts';

describe('users', () => {
  let harbour: Harbour;
  before(async () => {
    harbour = await startHarbour();
  });
  after(() => harbour.close());

  test('everyone sees their own account', async () => {
    assert.equal((await call(harbour.url, 'GET /me', harbour.manager)).body.name, 'nora');
    assert.equal((await call(harbour.url, 'GET /me', harbour.clerk)).body.name, 'emil');
  });

  test('a manager sees all accounts, without their access keys', async () => {
    const answer = await call(harbour.url, 'GET /users', harbour.manager);
    assert.deepEqual(answer.body.users, [
      { id: 'u1', name: 'nora', role: 'manager' },
      { id: 'u2', name: 'emil', role: 'clerk' },
    ]);
  });

  test('a clerk does not', async () => {
    assert.equal((await call(harbour.url, 'GET /users', harbour.clerk)).status, 403);
  });
});
