import type { JudgedItem } from './check-standing.js';
import type { Spec } from './spec.js';
import {
  fateOf,
  hunksOf,
  MAX_UNGUARDED,
  strengthOf,
  withoutHunk,
  type ChangedFile,
  type Hunk,
} from './strength.js';
import type { Colour, Severity } from './verdict.js';

const file = (over: Partial<ChangedFile>): ChangedFile => ({
  path: 'a.txt',
  status: 'modified',
  oldMode: '100644',
  newMode: '100644',
  binary: false,
  text: null,
  ...over,
});
const DIFF = `diff --git a/a.txt b/a.txt
--- a/a.txt
+++ b/a.txt
@@ -1,4 +1,5 @@
 one
-two
+zwei
+drei
 four
 five
@@ -20,3 +21,2 @@ heading
 twenty
-gone
 last
\\ No newline at end of file
`.replaceAll('\\\\', '\\');

describe('hunks', () => {
  test('of text have the lines that changed, without those around', () => {
    expect(hunksOf([file({ text: DIFF })])).toMatchObject([
      { file: 'a.txt', firstLine: 2, lastLine: 3, edit: { before: 0 } },
      { file: 'a.txt', firstLine: 22, lastLine: 22, edit: { before: 20, lines: ['twenty\n', 'last'] } },
    ]);
  });

  test.each([
    ['added', { status: 'added', text: '@@ -0,0 +1,2 @@\n+a\n+b\n' }, 1, 2],
    ['deleted', { status: 'deleted', text: '@@ -1,2 +0,0 @@\n-a\n-b\n' }, 0, 0],
    ['renamed', { status: 'renamed', oldPath: 'b.txt', text: DIFF }, 2, 22],
    ['binary', { binary: true }, 0, 0],
    ['too large to be told', { text: null }, 0, 0],
    ['made executable', { newMode: '100755', text: DIFF }, 2, 22],
  ] as const)('a file that is %s is one of its own', (_, over, firstLine, lastLine) => {
    expect(hunksOf([file(over)])).toMatchObject([{ file: 'a.txt', firstLine, lastLine, edit: null }]);
  });

  test('are taken back one by one, and only where the file holds them', () => {
    const text = '@@ -1,2 +1,2 @@\n-a\n+b\n c\n\\ No newline at end of file\n';
    const [hunk] = hunksOf([file({ text })]);
    if (!hunk?.edit) throw new Error('no hunk');
    expect(withoutHunk('b\nc', hunk.edit)).toBe('a\nc');
    expect(withoutHunk('x\nc', hunk.edit)).toBeNull();
  });
});

const rule = (id: string, severity: Severity) => ({ id, severity }) as Spec['rules'][number];
const spec: Spec = {
  semantics: 'strict',
  name: '',
  rules: [rule('counts', 'high'), rule('hints', 'low')],
  checks: [],
  pass: { failAt: 'medium' },
  guard: false,
};
const items = (counts: Colour, hints: Colour = 'green') =>
  [
    ['counts', counts],
    ['hints', hints],
  ].map(([id, candidate]) => ({ result: { id, candidate }, violations: [] }) as unknown as JudgedItem);

describe('a hunk is', () => {
  const whole = items('green');
  test('guarded where a rule that counts is red without it', () => {
    expect(fateOf(spec, whole, items('red', 'undecided'))).toBe('guarded');
  });
  test('undecided where such a rule cannot be decided without it', () => {
    expect(fateOf(spec, whole, items('undecided'))).toBe('undecided');
  });
  test('unguarded where nothing notices, or only what does not fail the task', () => {
    expect(fateOf(spec, whole, items('green', 'red'))).toBe('unguarded');
  });
  test('not guarded by a rule that was not green with it', () => {
    expect(fateOf(spec, items('undecided'), items('red'))).toBe('unguarded');
  });
});

test('the numbers of a strength add up, and its list is bounded', () => {
  const hunks = Array.from({ length: 99 }, (_, at): Hunk => {
    return { file: 'a', firstLine: at + 1, lastLine: at + 1, edit: null };
  });
  const fates = hunks.slice(0, 90).map((_, at) => (at % 10 === 0 ? 'guarded' : 'unguarded'));
  const strength = strengthOf('c', spec, hunks, fates);
  expect(strength).toMatchObject({ hunks: 99, guarded: 9, undecided: 0, unmeasured: 9 });
  expect(strength.unguarded).toHaveLength(MAX_UNGUARDED);
  expect(strength.unguarded[0]).toEqual({ file: 'a', firstLine: 2, lastLine: 2 });
});
