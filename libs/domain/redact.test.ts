import fc from 'fast-check';
import { REDACTED, redact } from './redact.js';

describe('secrets in text', () => {
  test.each([
    ['the key sk-ant-api03-AbCd_efgh-0123456789 is wrong', 'the key [redacted] is wrong'],
    ['ghp_0123456789abcdefghijABCDEFGHIJ012345', '[redacted]'],
    ['github_pat_0123456789abcdefghij_0123', '[redacted]'],
    ['glpat-0123456789abcdefghij', '[redacted]'],
    ['xoxb-0123456789-abcdef', '[redacted]'],
    ['AKIAIOSFODNN7EXAMPLE in us-east-1', '[redacted] in us-east-1'],
    ['Authorization: Bearer abcdefghij0123456789', 'Authorization: Bearer [redacted]'],
    ['x-api-key: 0123456789abcdef', 'x-api-key: [redacted]'],
    ['{"authorization":"Basic dXNlcjpwYXNzd29yZDE="}', '{"authorization":"Basic [redacted]"}'],
    ['postgresql://u:p@ss.word@db:5432/x', 'postgresql://u:[redacted]@db:5432/x'],
    [
      'redis://:word@127.0.0.1 and http://127.0.0.1:80/a@b',
      'redis://:[redacted]@127.0.0.1 and http://127.0.0.1:80/a@b',
    ],
    ['-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY----- rest', '[redacted] rest'],
    ['-----BEGIN RSA PRIVATE KEY-----\nabc', '[redacted]'],
  ])('%j', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test.each([
    'The task-sk is done; sk-short is a word, and so is basket-of-a-long-name-of-words.',
    'http://127.0.0.1:7420/api/plans/1 says me@example.com',
    '{"url":"http://127.0.0.1:4000","who":"a@b"}',
    'git@github.com:owner/name.git',
    'const authorization = readHeader();',
    '{ authorization: await readTheHeaderOf(request), "x-api-key": theKeyOfThisService }',
  ])('what only resembles one stays: %j', (text) => {
    expect(redact(text)).toBe(text);
  });

  test('a known secret is nowhere in the text, whatever it is and wherever it stands', () => {
    const secret = fc.string({ minLength: 8, maxLength: 40 }).filter((text) => !REDACTED.includes(text));
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (known, before, after) => {
        expect(redact(`${before}${known}${after}`, [known])).not.toContain(known);
      }),
    );
  });

  test('of two secrets the longer goes first, and short words are no secrets', () => {
    expect(redact('abcdefgh-and-more abcdefgh', ['abcdefgh', 'abcdefgh-and-more'])).toBe(
      '[redacted] [redacted]',
    );
    expect(redact('a plan', ['plan', null, undefined, ''])).toBe('a plan');
  });
});
