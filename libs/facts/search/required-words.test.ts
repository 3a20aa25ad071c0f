import fc from 'fast-check';
import { parseSpec } from '#contracts/spec/parse-spec.js';
import { BlobSearch } from './blob-search.js';
import { needleOf, wordsOfRegex } from './required-words.js';

test.each([
  ['legacy', [['legacy']]],
  ['legacy|old_auth', [['legacy'], ['old_auth']]],
  ['jwt\\.sign\\(', [['jwt', 'sign']]],
  ['^get[A-Z]\\w+Id$', [['get', 'Id']]],
  ['colou?rs', [['colo', 'rs']]],
  ['ab{0}c', [['a', 'c']]],
  ['a(b|c)d', [['a', 'd']]],
  ['a+?b', [['a', 'b']]],
  ['\\$scope', [['$scope']]],
  ['(a)', null],
  ['a|', null],
  ['.*', null],
  ['(?i)a', null],
  ['x(?i:a)', null],
  ['\\Qa.b\\E', null],
  ['\\x61b', null],
  ['[[:alpha:]]x', null],
])('/%s/ asks for %j', (source, words) => {
  expect(wordsOfRegex(source)).toEqual(words);
});

test('what a term matches is never searched for in vain', () => {
  const atom = fc.constantFrom(
    'a',
    'b',
    'ab',
    '.',
    '\\w',
    '[ab]',
    '(a|b)',
    '(?:ab)',
    '\\.',
    '$',
    '^',
    '|',
    'B',
  );
  const quantified = fc
    .tuple(atom, fc.constantFrom('', '', '', '?', '*', '+', '+?', '{0}', '{1,2}'))
    .map((each) => each.join(''));
  const source = fc.array(quantified, { minLength: 1, maxLength: 5 }).map((each) => each.join(''));
  const value = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'B', '.', 'c'), maxLength: 8 });
  fc.assert(
    fc.property(source, fc.constantFrom('', 'i'), value, (regex, flags, text) => {
      const written = JSON.stringify(`/${regex}/${flags}`);
      const parsed = parseSpec(`{ spec: 1, rules: [{ id: a, forbid: { identifiers: [${written}] } }] }`);
      const term = parsed.ok ? parsed.spec.rules[0]?.forbid?.terms.identifiers[0] : undefined;
      if (term === undefined || !term.matches(text)) return true;
      return new BlobSearch([needleOf(term, 'strict')]).mayHold(Buffer.from(text), 'go');
    }),
    { numRuns: 5_000 },
  );
});
