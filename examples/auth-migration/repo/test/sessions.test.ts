import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { call, send, startHarbour } from './support/harbour.ts';
import type { Harbour } from './support/harbour.ts';

describe('sessions', () => {
  let harbour: Harbour;
  before(async () => {
    harbour = await startHarbour();
  });
  after(() => harbour.close());

  test('health is open to everyone', async () => {
    const answer = await call(harbour.url, 'GET /health');
    assert.equal(answer.status, 200);
    assert.equal(answer.body.status, 'afloat');
  });

  test('who signs in is known from then on', async () => {
    const answer = await call(harbour.url, 'GET /me', harbour.clerk);
    assert.deepEqual(answer.body, { id: 'u2', name: 'emil', role: 'clerk' });
  });

  test('a wrong access key signs nobody in', async () => {
    const answer = await call(harbour.url, 'POST /sessions', undefined, {
      name: 'emil',
      accessKey: 'north-pier',
    });
    assert.equal(answer.status, 401);
  });

  test('a body that is no JSON object is refused', async () => {
    assert.equal((await call(harbour.url, 'POST /sessions', undefined, [1, 2])).status, 400);
  });

  test('a forged credential is refused', async () => {
    for (const headers of Object.values(harbour.clerk)) {
      const forged = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, withAnotherEnding(value)]),
      );
      assert.equal((await send(harbour.url, 'GET /me', forged)).status, 401);
    }
  });
});

function withAnotherEnding(text: string): string {
  return text.slice(0, -1) + (text.endsWith('0') ? '1' : '0');
}
