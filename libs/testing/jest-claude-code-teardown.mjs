import { rmSync } from 'node:fs';
import endServers from './jest-global-teardown.mjs';

/** Ends the servers of this run, and removes what was installed for it. */
export default async function claudeCodeTeardown() {
  await endServers();
  const folder = globalThis.__PLANWRIGHT_CLAUDE_CODE__;
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
