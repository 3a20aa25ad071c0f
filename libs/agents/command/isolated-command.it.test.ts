import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitPort, Workspace } from '#engine/ports/git.port.js';
import { BARE_INPUT } from '#testing/attempt-input.js';
import { git } from '#testing/git-repositories.js';
import { GitTestKit, message } from '#testing/git-test-kit.js';
import { isolatedSandbox } from '#testing/sandbox.js';
import { createAgents } from '../agents-adapter.js';

/** A hostile command in a real workspace: what trusted git and the worker hold beside it stays out of reach. */

let kit: GitTestKit;
let port: GitPort;
let workspace: Workspace;

beforeEach(async () => {
  kit = await GitTestKit.create();
  port = kit.worker();
  workspace = await kit.workspace(port, await kit.imported(port, { 'a.txt': 'one\n' }));
  await writeFile(join(kit.folder.path, 'token'), 'SECRET');
});
afterEach(() => kit.remove());

async function run(command: string) {
  const sandbox = await isolatedSandbox({ secret: [kit.folder.path] });
  return createAgents({ command: { sandbox } }).run({
    executor: { kind: 'command', command, timeoutSeconds: 30 },
    writtenBy: 'person',
    input: BARE_INPUT,
    cwd: workspace.path,
    signal: new AbortController().signal,
  });
}

test('git works for the command, on objects that it can read and not write', async () => {
  const result = await run(
    `git log --oneline; echo two >> a.txt; git diff --stat; touch ${kit.mirror}/objects/x`,
  );
  expect(result).toMatchObject({ kind: 'failed', output: expect.stringMatching(/a\.txt \| 1 \+/) });
  expect(result.output).toMatch(/Read-only file system/);
});

test('hub, mirror and the index beside the tree can be neither seen nor written, and the token cannot be read', async () => {
  const files = [
    `${kit.mirror}/config`,
    `${kit.hub}/config`,
    join(workspace.path, '../index'),
    `${kit.folder.path}/token`,
  ];
  const state = async () => [
    await git(kit.hub, 'for-each-ref'),
    ...(await Promise.all(files.map(async (file) => (await readFile(file)).toString('base64')))),
  ];
  const before = await state();
  const result = await run(
    `for f in ${files.join(' ')}; do cat $f && echo READ; echo x >> $f; done; git push ${kit.hub} HEAD:refs/heads/x && echo PUSHED; echo end`,
  );
  expect(result).toMatchObject({ kind: 'done', output: expect.stringMatching(/end\n$/) });
  expect(result.output).not.toMatch(/READ|PUSHED|SECRET/);
  expect(await state()).toEqual(before);
});

test('an alternates file that the command wrote shows it nothing more in the next run', async () => {
  await run(`mkdir -p .git/objects/info; echo ${kit.folder.path} > .git/objects/info/alternates`);
  expect(await run(`cat ${kit.folder.path}/token`)).toMatchObject({ kind: 'failed' });
});

test('links to secrets lead nowhere inside, and the candidate holds them as links', async () => {
  const result = await run(
    `ln -s ${kit.folder.path}/token absolute; ln -s ../../../../../../token relative; ln -s /etc/shadow shadow; cat absolute relative shadow; echo end`,
  );
  expect(result).toMatchObject({ kind: 'done', output: expect.stringMatching(/end\n$/) });
  expect(result.output).not.toMatch(/SECRET|root:/);
  const { commit } = await workspace.commit(message('Links'));
  const tree = await git(kit.mirror, 'ls-tree', commit);
  expect(tree.split('\n').filter((line) => line.startsWith('120000'))).toHaveLength(3);
  expect(await git(kit.mirror, 'show', `${commit}:relative`)).toBe('../../../../../../token');
});
