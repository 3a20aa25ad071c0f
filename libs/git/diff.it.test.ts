import { execFileSync } from 'node:child_process';
import { chmod, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileDiff, GitPort } from '#engine/ports/git.port.js';
import { git, writeFiles } from '#testing/git-repositories.js';
import { GitTestKit, message, REPOSITORY } from '#testing/git-test-kit.js';
import { PatchSplitter } from './patch-splitter.js';

let kit: GitTestKit;
let port: GitPort;

beforeEach(async () => {
  kit = await GitTestKit.create();
  port = kit.worker('worker', { diffLimitBytes: 4096 });
});
afterEach(() => kit.remove());

const TEXT = Array.from({ length: 30 }, (_, n) => `line ${n}\n`).join('');

describe('a diff', () => {
  it('tells every kind of change, with any path', async () => {
    const base = await kit.imported(port, {
      'a.txt': 'one\ntwo\n',
      'gone.txt': 'x\ny\n',
      'old name': TEXT,
      exact: `${TEXT}exact\n`,
      'data.bin': Buffer.from([0, 1, 2]),
      'run.sh': 'echo\n',
      'to-link': 'text\n',
      'huge.txt': 'h\n',
    });
    const workspace = await kit.workspace(port, base);
    const at = (path: string): string => join(workspace.path, path);
    await writeFiles(workspace.path, {
      'a.txt': 'one\n2\nthree\n',
      'data.bin': Buffer.from([0, 3]),
      'ünï\t"q"\n.txt': 'diff --git a/x b/x\n+++ b/x\nno end',
      'huge.txt': 'h\n'.repeat(5000),
      'one-line.txt': 'x'.repeat(300_000),
      empty: '',
    });
    await rm(at('gone.txt'));
    await rename(at('old name'), at('new name'));
    await writeFiles(workspace.path, { 'new name': TEXT.replace('line 3\n', 'LINE 3\n') });
    await rename(at('exact'), at('moved'));
    await chmod(at('run.sh'), 0o755);
    await rm(at('to-link'));
    await symlink('a.txt', at('to-link'));
    const { commit } = await workspace.commit(message('x'));
    const diffs = await port.diff({ repositoryId: REPOSITORY, from: base, to: commit });
    const shape = (diff: FileDiff): string =>
      [
        diff.status,
        diff.oldPath ?? '',
        diff.path,
        diff.oldMode,
        diff.newMode,
        diff.binary ? 'binary' : `+${diff.addedLines}-${diff.removedLines}`,
        diff.text === null ? 'no text' : 'text',
      ].join('|');
    expect(diffs.map(shape)).toEqual([
      'modified||a.txt|100644|100644|+2-1|text',
      'modified||data.bin|100644|100644|binary|no text',
      'added||empty|000000|100644|+0-0|text',
      'deleted||gone.txt|100644|000000|+0-2|text',
      'modified||huge.txt|100644|100644|+4999-0|no text',
      'renamed|exact|moved|100644|100644|+0-0|text',
      'renamed|old name|new name|100644|100644|+1-1|text',
      'added||one-line.txt|000000|100644|+1-0|no text',
      'modified||run.sh|100644|100755|+0-0|text',
      'typechange||to-link|100644|120000|+1-1|text',
      'added||ünï\t"q"\n.txt|000000|100644|+3-0|text',
    ]);
    const text = (path: string): string => diffs.find((diff) => diff.path === path)?.text ?? '';
    expect(text('a.txt')).toMatch(
      /^diff --git a\/a\.txt b\/a\.txt\nindex .*\n--- a\/a\.txt\n\+\+\+ b\/a\.txt\n@@ -1,2 \+1,3 @@\n one\n-two\n\+2\n\+three\n$/,
    );
    expect(text('ünï\t"q"\n.txt')).toContain(
      '+diff --git a/x b/x\n++++ b/x\n+no end\n\\ No newline at end of file\n',
    );
    expect(text('new name')).toContain('rename from old name\n');
    expect(text('run.sh')).toContain('old mode 100644\nnew mode 100755\n');
    expect(text('to-link').match(/^diff --git/gm)).toHaveLength(2);
  });

  it('is empty between a commit and itself', async () => {
    const base = await kit.imported(port);
    expect(await port.diff({ repositoryId: REPOSITORY, from: base, to: base })).toEqual([]);
  });
});

describe('splitting a patch', () => {
  it('gives the same sections however the output is cut', () => {
    const patch =
      'diff --git a/x b/x\n@@ -1 +1 @@\n-diff --git\n+d\ndiff --git a/y b/y\n+1\n\\ No newline at end of file\n';
    for (let size = 1; size <= patch.length; size += 1) {
      const splitter = new PatchSplitter(1000, 1000);
      for (let at = 0; at < patch.length; at += size) splitter.write(Buffer.from(patch.slice(at, at + size)));
      const sections = splitter.end();
      expect(sections).toHaveLength(2);
      expect(sections.join('')).toBe(patch);
    }
  });

  it('keeps whole sections, as many as go into the total', () => {
    const section = (name: string, lines: number) =>
      `diff --git a/${name} b/${name}\n${'+line\n'.repeat(lines)}`;
    const texts = [section('small', 5), section('large', 50), section('middle', 20), section('last', 5)];
    for (const size of [1, 7, 10_000]) {
      const splitter = new PatchSplitter(200, 270);
      const patch = texts.join('');
      for (let at = 0; at < patch.length; at += size) splitter.write(Buffer.from(patch.slice(at, at + size)));
      expect(splitter.end()).toEqual([texts[0], null, texts[2], texts[3]]);
    }
  });
});

describe('blobs', () => {
  it('lists a commit by path without submodules, and reads contents in the order asked', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_, n) => [`dir ${n % 7}/ü${n}.txt`, `content ${n}\n`.repeat(n)]),
    );
    const base = await kit.imported(port, { ...files, bin: Buffer.from([0, 10, 255]) });
    const blobs = port.blobs(REPOSITORY);
    const tree = (await blobs.tree(base)).list();
    expect(tree).toHaveLength(301);
    expect(tree.map(({ path }) => path)).toEqual(
      [...tree.map(({ path }) => path)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
    const reversed = [...tree].reverse();
    const contents = await blobs.read(reversed.map(({ blob }) => blob));
    reversed.forEach((file, index) => {
      expect(contents[index]?.length).toBe(file.size);
      expect(contents[index]?.toString('latin1')).toBe(file.path === 'bin' ? '\0\n\xff' : files[file.path]);
    });
  });

  it('throws for what is missing or no blob, and reads on', async () => {
    const base = await kit.imported(port);
    const blobs = port.blobs(REPOSITORY);
    await expect(blobs.read(['b'.repeat(40)])).rejects.toThrow('is not in repository');
    await expect(blobs.read([base])).rejects.toThrow('is not in repository');
    await expect(blobs.read(['HEAD'])).rejects.toThrow('Not a full git object id');
    const [file] = (await blobs.tree(base)).list();
    expect((await blobs.read([file?.blob ?? '']))[0]?.toString()).toBe('# Demo\n');
  });

  it('survives the death of its process, and ends with the port', async () => {
    const base = await kit.imported(port, { 'big.txt': 'x'.repeat(3_000_000), 'small.txt': 's\n' });
    const blobs = port.blobs(REPOSITORY);
    const ids = (await blobs.tree(base)).list().map(({ blob }) => blob);
    const readers = (): string[] => {
      const all = execFileSync('ps', ['-ww', '-eo', 'pid,ppid,args'], { encoding: 'utf8' }).split('\n');
      return all.filter(
        (line) => line.includes('cat-file --batch') && line.trim().split(/\s+/)[1] === String(process.pid),
      );
    };
    for (let round = 0; round < 5; round += 1) {
      const reading = blobs.read([...ids, ...ids, ...ids]);
      const pids = readers().map((reader) => Number(reader.trim().split(/\s+/)[0]));
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      expect(pids).not.toEqual([]);
      expect((await reading).map((content) => content.length)).toEqual([
        3_000_000, 2, 3_000_000, 2, 3_000_000, 2,
      ]);
    }
    await port.close();
    expect(readers()).toEqual([]);
    await expect(blobs.read(ids)).rejects.toThrow('closed');
    expect(await git(kit.hub, 'cat-file', '-t', base)).toBe('commit');
  });
});
