import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import startServers from './jest-global-setup.mjs';

const PACKAGE = '@anthropic-ai/claude-code@2.1.197';
const INSTALL_MS = 300_000;

/**
 * The servers of the run, and Claude Code in a folder that goes with it. Where `PLANWRIGHT_TEST_CLAUDE_CODE` names the folder
 * of an installed `claude`, that one is used; where there is none and none can be installed, its tests are shown as skipped.
 */
export default async function claudeCodeSetup() {
  if (process.env.PLANWRIGHT_TEST_CLAUDE_CODE === undefined) {
    const folder = mkdtempSync(path.join(tmpdir(), 'planwright-claude-code-'));
    globalThis.__PLANWRIGHT_CLAUDE_CODE__ = folder;
    const problem = install(folder);
    if (problem === null) process.env.PLANWRIGHT_TEST_CLAUDE_CODE = path.join(folder, 'node_modules/.bin');
    else
      process.stderr.write(
        `skipped: these tests need ${PACKAGE}, and npm could not install it: ${problem}\nLet PLANWRIGHT_TEST_CLAUDE_CODE name the folder of an installed claude, or mend the way to the registry.\n`,
      );
  }
  await startServers();
}

/** @returns why it could not be installed; null: it is */
function install(folder) {
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-audit', '--no-fund', '--no-save', PACKAGE];
  const { status, stderr, error } = spawnSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: INSTALL_MS,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return status === 0 ? null : (error?.message ?? stderr);
}
