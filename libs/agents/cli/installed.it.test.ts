import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedAgents } from './installed.js';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'planwright-installed-')));
  mkdirSync(join(root, 'bin'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A program that would say so if it were started. */
function program(path: string): string {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), `#!/bin/sh\ntouch ${root}/started\n`);
  chmodSync(join(root, path), 0o755);
  return join(root, path);
}

const link = (name: string, path: string) => symlinkSync(program(path), join(root, 'bin', name));

test('agents are found with their versions, and none is started', async () => {
  link('codex', 'lib/node_modules/@openai/codex/bin/codex.js');
  writeFileSync(join(root, 'lib/node_modules/@openai/codex/package.json'), '{"version":"0.80.1"}');
  link('claude', 'share/claude/versions/2.1.7/claude');
  program('bin/goose');
  writeFileSync(join(root, 'bin/amp'), 'not executable');
  const found = await installedAgents(join(root, 'bin'));
  expect(found).toEqual([
    { name: 'claude', program: join(root, 'bin/claude'), version: '2.1.7' },
    { name: 'codex', program: join(root, 'bin/codex'), version: '0.80.1' },
    { name: 'goose', program: join(root, 'bin/goose'), version: null },
  ]);
});

test('where none is, none is found', async () => {
  expect(await installedAgents(join(root, 'bin'))).toEqual([]);
});
