import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { countFailure, forgetFailures, secondsLocked } from '../src/auth/sign-in-attempts.ts';
import { connect } from '../src/client/harbour-client.ts';
import { call, startHarbour } from './support/harbour.ts';
import type { Harbour } from './support/harbour.ts';

describe('the limit of sign-ins', () => {
  let harbour: Harbour;
  before(async () => {
    harbour = await startHarbour();
  });
  after(() => harbour.close());

  test('the fifth wrong key locks for a minute, and no longer', () => {
    for (let times = 0; times < 4; times++) countFailure('olaf', 1_000);
    assert.equal(secondsLocked('olaf', 1_000), 0);
    countFailure('olaf', 1_000);
    assert.equal(secondsLocked('olaf', 1_000), 60);
    assert.equal(secondsLocked('olaf', 61_000), 0);
    countFailure('olaf', 61_000);
    assert.equal(secondsLocked('olaf', 61_000), 0);
  });

  test('a sign-in forgets what went wrong before', () => {
    for (let times = 0; times < 5; times++) countFailure('petra', 1_000);
    forgetFailures('petra');
    assert.equal(secondsLocked('petra', 1_000), 0);
  });

  test('a locked name is told how long to wait, and so is the client', async () => {
    const wrong = { name: 'ragna', accessKey: 'south-quay' };
    for (let times = 0; times < 5; times++) {
      assert.equal((await call(harbour.url, 'POST /sessions', undefined, wrong)).status, 401);
    }
    const locked = await call(harbour.url, 'POST /sessions', undefined, wrong);
    assert.equal(locked.status, 429);
    assert.match(locked.headers.get('retry-after') ?? '', /^\d+$/);
    await assert.rejects(connect(harbour.url, 'ragna', 'south-quay'), /Try again in \d+ s/);
  });
});
