import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { borrowedObjects } from '#git/borrowed-objects.js';
import { openSandbox, type Sandbox, type SandboxOptions } from '#sandbox/sandbox.js';
import { TEST_PATH } from './git-repositories.js';
import { eventually } from './processes.js';

/** A sandbox that really isolates. Throws with the command that installs it where this machine has none. */
export async function isolatedSandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await testSandbox({ ...options, mode: 'required' });
  const { isolation, why, remedy } = sandbox.state;
  if (isolation === 'off') throw new Error(`These tests need a sandbox. ${why} ${remedy ?? ''}`);
  return sandbox;
}

/** The best sandbox of this machine, or none with `mode: 'off'`. */
export function testSandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  return openSandbox({
    mode: 'auto',
    path: TEST_PATH,
    tempRoot: join(tmpdir(), 'planwright-sandbox'),
    secret: [],
    borrowed: borrowedObjects,
    ...options,
  });
}

/** Resolves when nothing that runs left is in the throw-away folders below `root`: an empty one may serve the next run. */
export async function nothingLeftBehind(root: string): Promise<void> {
  const made = /^run-\d+-\w+(\/(home|tmp|work|input\.json))?$/;
  await eventually('what runs left is gone', () => {
    try {
      const shown = readdirSync(root, { recursive: true, encoding: 'utf8' });
      return shown.every((name) => made.test(name) || name.startsWith('etc-'));
    } catch {
      // A folder is removed while it is read.
      return false;
    }
  });
}
