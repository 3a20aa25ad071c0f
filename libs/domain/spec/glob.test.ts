import fc from 'fast-check';
import picomatch from 'picomatch';
import { compileGlob, compileGlobs, globProblem } from './glob.js';

const name = fc.stringMatching(/^[abc.]{1,3}$/).filter((part) => !/^\.+$/.test(part));
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const atom = fc.constantFrom(
  'a',
  'b',
  'c',
  '.',
  '*',
  '?',
  '[ab]',
  '[^ab]',
  '[a-b]',
  '{a,b}',
  '{a,bc}',
  '{a/b,c}',
);
const segment = fc.oneof(
  { weight: 1, arbitrary: fc.constant('**') },
  {
    weight: 4,
    arbitrary: fc
      .array(atom, { minLength: 1, maxLength: 3 })
      // Two stars in a row inside a longer segment mean different things to different libraries.
      .filter((atoms) => !atoms.some((each, index) => each === '*' && atoms[index + 1] === '*'))
      .map((atoms) => atoms.join('')),
  },
);
/** `.` and `..` segments and empty ones name nothing in a git tree. */
const sound = (glob: string) => !/(^|\/)\.*(\/|$)/.test(glob.replaceAll(/\{[^}]*\}/g, ''));
const glob = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'))
  .filter(sound)
  .filter((pattern) => pattern.split('{').length <= 5)
  // In these two alone picomatch wants something after the dot; shells do not.
  .filter((pattern) => pattern !== '*.*' && pattern !== '**/*.*')
  // picomatch lets `a/**` match `a`, but not `*/**`; ours is the same for both.
  .filter((pattern) => !/[*?\]}][^/]*(\/\*\*)+$/.test(pattern.replace(/^(\*\*\/)+/, '')));

test('agrees with picomatch on generated globs and paths', () => {
  let matched = 0;
  fc.assert(
    fc.property(glob, fc.array(path, { minLength: 1, maxLength: 8 }), (pattern, paths) => {
      const ours = compileGlob(pattern);
      const theirs = picomatch(pattern, { dot: true });
      for (const each of paths) {
        if (ours(each)) matched += 1;
        expect([pattern, each, ours(each)]).toEqual([pattern, each, theirs(each)]);
      }
    }),
    { numRuns: 3_000 },
  );
  expect(matched).toBeGreaterThan(500);
});

test.each([
  ['src/**/*.ts', 'src/a.ts', true],
  ['src/**/*.ts', 'src/x/.hidden/a.ts', true],
  ['src/**/*.ts', 'src/a.tsx', false],
  ['**/*.test.ts', 'a.test.ts', true],
  ['./src/*.ts', 'src/a.ts', true],
  ['*.ts', 'src/a.ts', false],
  ['src/{a,b}/**', 'src/b/c/d', true],
  ['src/{a,{b,c}}x', 'src/cx', true],
  ['a{b}c', 'a{b}c', true],
  ['a{,b}.ts', 'a.ts', true],
  ['src/**', 'src', true],
  ['a[b', 'a[b', true],
  ['\\*.ts', '*.ts', true],
  ['\\*.ts', 'a.ts', false],
  ['[]a]x', ']x', true],
  ['[!a]x', 'bx', true],
  ['[!a]x', 'ax', false],
  ['pages/\\[id\\].tsx', 'pages/[id].tsx', true],
])('%s on %s: %s', (pattern, file, expected) => {
  expect(compileGlob(pattern)(file)).toBe(expected);
});

test('is not exponential in stars or in globstars', () => {
  const started = performance.now();
  expect(compileGlob(`${'*a'.repeat(200)}b`)('a'.repeat(4_000))).toBe(false);
  expect(compileGlob(`${'**/a/'.repeat(100)}b`)(`${'a/'.repeat(1_000)}c`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test('refuses brace bombs', () => {
  expect(() => compileGlob('{a,b}'.repeat(40))).toThrow(/more than 256/);
  expect(globProblem('{a,b}'.repeat(40))).toMatch(/more than 256/);
});

test.each(['', '/src/**', 'docs/', '!src/**', '+(a|b).ts', '../other/**'])(
  '%p is refused, since it never matches',
  (g) => {
    expect(globProblem(g)).not.toBeNull();
  },
);

test('a sound glob has no problem, and a list matches by any', () => {
  expect(globProblem('src/**/*.{ts,tsx}')).toBeNull();
  expect(compileGlobs(['a/**', 'b/**'])('b/c')).toBe(true);
  expect(compileGlobs([])('b/c')).toBe(false);
});
