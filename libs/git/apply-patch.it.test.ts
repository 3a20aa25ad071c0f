import type { GitPort } from '#engine/ports/git.port.js';
import { createOrigin } from '#testing/git-repositories.js';
import { GitTestKit, message, REPOSITORY } from '#testing/git-test-kit.js';

const repositoryId = REPOSITORY;
let kit: GitTestKit;
let port: GitPort;
let onto: string;

beforeEach(async () => {
  kit = await GitTestKit.create();
  port = kit.worker();
  const files = { 'a.txt': 'one\ntwo\nthree\n', 'b.txt': 'b\n' };
  const origin = await createOrigin(await kit.folder.next('origin'), files);
  onto = (await port.importBase({ repositoryId, origin, base: null })).commit;
});
afterEach(() => kit.remove());

const apply = (patch: string) => port.applyPatch({ repositoryId, patch, onto, message: message('a patch') });
const inA = (from: string, to: string): string =>
  `--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-${from}\n+${to}\n three\n`;
const NEW = '--- /dev/null\n+++ b/src/new.txt\n@@ -0,0 +1 @@\n+new\n';
const GONE = '--- a/b.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n';

it('becomes one commit on the tip: what it changes, makes and removes', async () => {
  const applied = await apply(inA('two', '2') + NEW + GONE);
  if (applied.kind !== 'clean') throw new Error('it does not apply');
  const diffs = await port.diff({ repositoryId, from: onto, to: applied.commit });
  expect(diffs.map(({ path, status }) => [path, status])).toEqual([
    ['a.txt', 'modified'],
    ['b.txt', 'deleted'],
    ['src/new.txt', 'added'],
  ]);
});

it('applies whole or not at all, and names each file and line that it does not fit', async () => {
  const missing = '--- a/none.txt\n+++ b/none.txt\n@@ -1 +1 @@\n-x\n+y\n';
  expect(await apply(NEW + inA('zwei', '2') + missing)).toEqual({
    kind: 'conflict',
    places: [
      { path: 'a.txt', hunk: 1, line: 1, message: 'patch does not apply' },
      { path: 'none.txt', hunk: null, line: null, message: 'does not exist in index' },
    ],
  });
});

it.each([
  [
    'a binary part',
    'diff --git a/x b/x\nnew file mode 100644\nindex 0000000..1111111\nGIT binary patch\nliteral 1\nIcmZ\n',
  ],
  ['two binary files', 'diff --git a/x b/x\nBinary files a/x and b/x differ\n'],
  ['no diff at all', 'please change two to 2\n'],
  ['a hunk that breaks off', '--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n'],
])('is refused as %s', async (_, patch) => {
  await expect(apply(patch)).rejects.toMatchObject({ name: 'GitRefusal' });
});

it.each([
  ['above the tree', '../outside.txt'],
  ['in the folder of git', '.git/config'],
])('cannot write %s', async (_, path) => {
  const outcome = await apply(`--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`).catch(
    (error: unknown) => error,
  );
  expect(outcome).not.toMatchObject({ kind: 'clean' });
});

it('what is in a file may look like a header', async () => {
  const text = '--- /dev/null\n+++ b/notes.txt\n@@ -0,0 +1 @@\n+GIT binary patch\n';
  expect(await apply(text)).toMatchObject({ kind: 'clean' });
});
