import { tmpdir } from 'node:os';
import path from 'node:path';
import { homePath } from '#platform/home/home.js';
import { readSandboxSettings } from '#platform/config/sandbox-settings.js';
import { openSandbox, type SandboxState } from '#sandbox/sandbox.js';
import { PACKAGE_ROOT } from './installation.js';

/** Whether this machine can hold untrusted processes, seen with the settings that a stack started here would have. */
export async function machineSandbox(): Promise<SandboxState> {
  const { state } = await openSandbox({
    ...readSandboxSettings(),
    path: process.env['PATH'] ?? '',
    tempRoot: path.join(tmpdir(), 'planwright-sandbox'),
    secret: [homePath(PACKAGE_ROOT)],
  });
  return state;
}

/** One line that says it; the remedy follows where something is wrong. */
export function sandboxLine({ mode, isolation, why, remedy }: SandboxState): string {
  if (isolation === 'bubblewrap') return `on (${mode}, bubblewrap)`;
  return `OFF (${mode}): untrusted processes run with your rights. ${why}${remedy === null ? '' : ` To mend: ${remedy}`}`;
}
