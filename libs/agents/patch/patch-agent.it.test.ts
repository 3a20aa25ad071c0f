import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentResult } from '#engine/ports/agent.port.js';
import type { GitPort, Workspace } from '#engine/ports/git.port.js';
import { BARE_INPUT } from '#testing/attempt-input.js';
import { GitTestKit, message } from '#testing/git-test-kit.js';
import { testSandbox } from '#testing/sandbox.js';
import { createAgents } from '../agents-adapter.js';

let kit: GitTestKit;
let port: GitPort;
let workspace: Workspace;

beforeEach(async () => {
  kit = await GitTestKit.create();
  port = kit.worker();
  workspace = await kit.workspace(port, await kit.imported(port, { 'a.txt': 'one\ntwo\n' }));
});
afterEach(() => kit.remove());

async function run(patch: string, cwd: string | null = workspace.path): Promise<AgentResult> {
  const sandbox = await testSandbox();
  const agents = createAgents({ command: { sandbox } });
  return agents.run({
    executor: { kind: 'patch', patch },
    writtenBy: 'person',
    input: BARE_INPUT,
    cwd,
    signal: new AbortController().signal,
  });
}

const patch = (from: string) => `--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-${from}\n+2\n`;

test('what the patch says is the candidate', async () => {
  const made = '--- /dev/null\n+++ b/src/new.txt\n@@ -0,0 +1 @@\n+new\n';
  expect(await run(patch('two') + made)).toMatchObject({ kind: 'done' });
  expect(await readFile(join(workspace.path, 'a.txt'), 'utf8')).toBe('one\n2\n');
  expect(await workspace.commit(message('By a patch'))).toMatchObject({ changed: true });
});

test('one that does not fit changes nothing, says which hunk, and is not tried again', async () => {
  const made = '--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+new\n';
  expect(await run(made + patch('zwei'))).toMatchObject({
    kind: 'failed',
    failure: 'needs_replan',
    message: 'the patch does not apply: a.txt, hunk 1 (line 1): patch does not apply',
  });
  expect(await workspace.commit(message('Nothing'))).toMatchObject({ changed: false });
});

test('it writes nothing outside of the workspace', async () => {
  const outside = '--- /dev/null\n+++ b/../outside.txt\n@@ -0,0 +1 @@\n+x\n';
  expect(await run(outside)).toMatchObject({ kind: 'failed' });
  expect(await run(patch('two'), null)).toMatchObject({ kind: 'failed', failure: 'unconfigured' });
});
