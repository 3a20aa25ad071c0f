import fc from 'fast-check';
import { compileFnmatch } from './fnmatch.js';

test.each([
  ['*.ts', 'src/deep/a.ts', true],
  ['src/*', 'src/deep/a.ts', true],
  ['src/**/*.ts', 'src/deep/a.ts', true],
  ['src/**/*.ts', 'src/a.ts', false],
  ['src/?.ts', 'src/a.ts', true],
  ['src?a.ts', 'src/a.ts', true],
  ['*.TS', 'a.ts', false],
  ['[ab].ts', 'b.ts', true],
  ['[!ab].ts', 'b.ts', false],
  ['[!ab].ts', 'c.ts', true],
  ['[^a].ts', '^.ts', true],
  ['[a-c]x', 'bx', true],
  ['[c-a]x', 'bx', false],
  ['[!c-a]x', 'bx', true],
  ['[]a]x', ']x', true],
  ['[!]a]x', 'bx', true],
  ['[a-]x', '-x', true],
  ['[--0]x', '/x', true],
  ['a[b', 'a[b', true],
  ['\\*.ts', '\\x.ts', true],
  ['{a,b}.ts', 'a.ts', false],
  ['{a,b}.ts', '{a,b}.ts', true],
  ['src', 'src/a.ts', false],
  ['', '', true],
  ['*', '.hidden', true],
  ['?', '😀', true],
])('%s on %s: %s', (pattern, path, expected) => {
  expect(compileFnmatch(pattern)(path)).toBe(expected);
});

test('agrees with a regex made of the same pattern', () => {
  const atom = fc.constantFrom('a', 'b', '/', '.', '*', '?', '[ab]', '[!ab]', '[a-b]');
  const text = fc.array(fc.constantFrom('a', 'b', 'c', '/', '.'), { maxLength: 6 });
  const regex: Readonly<Record<string, string>> = { '*': '.*', '?': '.', '[!ab]': '[^ab]', '.': '\\.' };
  let matched = 0;
  fc.assert(
    fc.property(fc.array(atom, { maxLength: 6 }), text, (atoms, characters) => {
      const path = characters.join('');
      const expected = new RegExp(`^(?:${atoms.map((each) => regex[each] ?? each).join('')})$`, 's').test(
        path,
      );
      if (expected) matched += 1;
      expect(compileFnmatch(atoms.join(''))(path)).toBe(expected);
    }),
    { numRuns: 5_000 },
  );
  expect(matched).toBeGreaterThan(200);
});

test('is not exponential in stars', () => {
  const started = performance.now();
  expect(compileFnmatch(`${'*a'.repeat(500)}b`)('a'.repeat(5_000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(2_000);
});
