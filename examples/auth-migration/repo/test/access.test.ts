import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { routes } from '../src/routes.ts';
import { call, send, startHarbour } from './support/harbour.ts';
import type { Harbour } from './support/harbour.ts';

describe('access', () => {
  let harbour: Harbour;
  before(async () => {
    harbour = await startHarbour();
  });
  after(() => harbour.close());

  for (const { method, path, credential } of routes) {
    if (credential === 'none') continue;
    const request = `${method} ${path.replace(':id', '1').replace(':file', 'picking-list.csv')}`;

    test(`${request} turns a stranger away and says what to bring`, async () => {
      const answer = await call(harbour.url, request);
      assert.equal(answer.status, 401);
      assert.match(answer.headers.get('www-authenticate') ?? '', /realm="Harbour"/);
    });

    test(`${request} needs no more than its own kind of credential`, async () => {
      const answer = await send(harbour.url, request, harbour.manager[credential]);
      assert.notEqual(answer.status, 401);
      assert.notEqual(answer.status, 403);
    });
  }
});
