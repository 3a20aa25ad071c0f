import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentName } from '#contracts/agents/agent-cli.js';
import { AGENT_CLIS } from '#contracts/agents/table.js';
import { findProgram } from '#sandbox/find-program.js';

export interface InstalledAgent {
  readonly name: AgentName;
  readonly program: string;
  /** As its package or the folder of its release says; null: only the program itself would know. */
  readonly version: string | null;
}

/** The agents whose programs are in the folders of a search path. Looks at files only: starting one takes seconds. */
export async function installedAgents(path: string): Promise<InstalledAgent[]> {
  const found = Object.values(AGENT_CLIS).map(async ({ name, program: command }) => {
    const program = command === null ? null : findProgram(command, path);
    return program === null ? [] : [{ name, program, version: await versionOf(program) }];
  });
  return (await Promise.all(found)).flat();
}

async function versionOf(program: string): Promise<string | null> {
  const real = await realpath(program);
  // The package itself: what lies above it is somebody else's.
  const home = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(real)?.[0];
  const version = home === undefined ? null : await packageVersion(home);
  return version ?? /\/v?(\d+\.\d+\.\d+[\w.+-]*)(?=\/|$)/.exec(real)?.[1] ?? null;
}

async function packageVersion(folder: string): Promise<string | null> {
  try {
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      version?: unknown;
    };
    return typeof version === 'string' ? version : null;
  } catch {
    return null;
  }
}
