import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { authenticate } from '../src/auth/bearer.ts';
import { ACCESS_KEYS, call, startHarbour } from './support/harbour.ts';
import type { Harbour } from './support/harbour.ts';

describe('bearer tokens', () => {
  let harbour: Harbour;
  let token: string;
  before(async () => {
    harbour = await startHarbour();
    const emil = { name: 'emil', accessKey: ACCESS_KEYS.emil };
    token = (await call(harbour.url, 'POST /sessions', undefined, emil)).body.token;
  });
  after(() => harbour.close());

  test('a sign-in hands out a token that says who is calling', () => {
    assert.deepEqual(authenticate(requestWith(`Bearer ${token}`), 'orders:read'), {
      userId: 'u2',
      role: 'clerk',
    });
  });

  test('a scope that the token does not have is refused', () => {
    assert.throws(() => authenticate(requestWith(`Bearer ${token}`), 'users:read'), { status: 403 });
  });

  test('without a bearer token nobody is known', () => {
    for (const authorization of [undefined, '', 'Bearer', `Basic ${token}`, `Bearer ${token}x`]) {
      assert.throws(() => authenticate(requestWith(authorization), 'orders:read'), { status: 401 });
    }
  });
});

function requestWith(authorization: string | undefined): IncomingMessage {
  const req = new IncomingMessage(new Socket());
  req.headers.authorization = authorization;
  return req;
}
