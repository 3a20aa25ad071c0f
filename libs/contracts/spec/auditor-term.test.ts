import fc from 'fast-check';
import { compileAuditorTerm } from './auditor-term.js';

function compiled(text: string) {
  const result = compileAuditorTerm(text);
  if (!result.ok) throw new Error(result.message);
  return result.term;
}

const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** What the reference says, by an engine that backtracks. */
function naive(text: string): RegExp {
  if (!(text.length > 2 && text.startsWith('/') && text.endsWith('/')))
    return new RegExp(`\\b${escaped(text)}\\b`, 'i');
  try {
    return new RegExp(text.slice(1, -1), 'i');
  } catch {
    return new RegExp(escaped(text), 'i');
  }
}

test('a term finds what a naive regex finds, word by word and mark by mark', () => {
  const piece = fc.constantFrom('a', 'B', 'ab', '_', '1', '.', '(', ')', '/', '-', ' ', '[', '*', '|', '+');
  const text = (maxLength: number) =>
    fc.array(piece, { minLength: 1, maxLength }).map((parts) => parts.join(''));
  const term = fc.oneof(
    text(3),
    text(3).map((source) => `/${source}/`),
  );
  const found = { true: 0, false: 0 };
  fc.assert(
    fc.property(term, fc.array(text(6), { minLength: 1, maxLength: 5 }), (written, values) => {
      const { matches } = compiled(written);
      for (const value of [...values, written, `x${written}`, `${written}x`, `(${written})`]) {
        const expected = naive(written).test(value);
        found[`${expected}`] += 1;
        expect([written, value, matches(value)]).toEqual([written, value, expected]);
      }
    }),
    { numRuns: 3_000 },
  );
  expect(Math.min(found.true, found.false)).toBeGreaterThan(1_000);
});

test.each([
  ['/(?<!a)b/', 'linear time'],
  [String.raw`/(a)\1/`, 'linear time'],
  ['/(?P<x>a)(?P=x)/', 'linear time'],
  ['/a{5000}/', 'linear time'],
  ['/(a[bc]){900}/', 'stands for too much'],
  ['x'.repeat(10_001), 'at most 10000 characters'],
])('%s is refused, since taken for broken it would find nothing', (term, message) => {
  expect(compileAuditorTerm(term)).toEqual({ ok: false, message: expect.stringContaining(message) });
});
