import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { issueToken, verifyToken } from '../src/auth/tokens.ts';

const MORNING = 1_700_000_000;
const HOUR = 60 * 60;

describe('tokens', () => {
  const token = issueToken({ userId: 'u2', role: 'clerk' }, 'secret', MORNING);

  test('a token says who carries it and what they may do', () => {
    const claims = verifyToken(token, 'secret', MORNING);
    assert.equal(claims?.userId, 'u2');
    assert.ok(claims?.scopes.includes('orders:write'));
    assert.ok(!claims?.scopes.includes('invoices:write'));
  });

  test('a token lasts eight hours', () => {
    assert.ok(verifyToken(token, 'secret', MORNING + 7 * HOUR));
    assert.equal(verifyToken(token, 'secret', MORNING + 8 * HOUR), undefined);
  });

  test('a token signed with another secret is refused', () => {
    assert.equal(verifyToken(token, 'another secret', MORNING), undefined);
  });

  test('a token that claims more than was signed is refused', () => {
    const [payload, signature] = token.split('.');
    const claims = Buffer.from(payload, 'base64url').toString().replace('clerk', 'manager');
    const forged = `${Buffer.from(claims).toString('base64url')}.${signature}`;
    assert.equal(verifyToken(forged, 'secret', MORNING), undefined);
  });

  test('what is no token at all is refused', () => {
    for (const text of ['', '.', 'token', 'ü.ü'])
      assert.equal(verifyToken(text, 'secret', MORNING), undefined);
  });
});
