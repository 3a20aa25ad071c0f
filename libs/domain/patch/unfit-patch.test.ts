import { unfitPlaces, unfitWords } from './unfit-patch.js';

const PATCH = `diff --git a/a.txt b/a.txt
--- a/a.txt
+++ b/a.txt
@@ -1,2 +1,2 @@
 one
-two
+2
@@ -40 +40,2 @@ near
-@@ -90 +90 @@
+--- a/b.txt
+x
--- a/b.txt
+++ b/b.txt
@@ -7,1 +7,1 @@
-b
+B
`;

it('names the file, the hunk in it, the line and the reason', () => {
  const said =
    'error: patch failed: a.txt:40\nerror: a.txt: patch does not apply\nerror: patch failed: b.txt:7\nerror: b.txt: patch does not apply\n';
  const places = unfitPlaces(PATCH, said);
  expect(places[0]).toEqual({ path: 'a.txt', hunk: 2, line: 40, message: 'patch does not apply' });
  expect(places.map(unfitWords)).toEqual([
    'a.txt, hunk 2 (line 40): patch does not apply',
    'b.txt, hunk 1 (line 7): patch does not apply',
  ]);
});

it('names a file that is not there, without a hunk', () => {
  const places = unfitPlaces(PATCH, 'error: c.txt: No such file or directory\n');
  expect(places.map(unfitWords)).toEqual(['c.txt: No such file or directory']);
});

it('is nothing where git speaks of no file', () => {
  expect(unfitPlaces(PATCH, 'error: corrupt patch at line 3\n')).toEqual([]);
});
