import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AgentCli } from '#contracts/agents/agent-cli.js';

/**
 * Puts the files by which an agent is logged in into the home folder of its run, from the one that the person names.
 *
 * @returns how many there were
 */
export async function copyLogins(cli: AgentCli, from: string | null, home: string): Promise<number> {
  if (from === null) return 0;
  let copied = 0;
  for (const name of cli.logins) {
    const found = await stat(join(from, name)).catch(() => null);
    if (found?.isFile() !== true) continue;
    await mkdir(dirname(join(home, name)), { recursive: true, mode: 0o700 });
    await copyFile(join(from, name), join(home, name));
    copied += 1;
  }
  return copied;
}

/** What is at the root of a workspace before a run. @returns what removes the agent's own files that came since */
export async function watchLitter(cli: AgentCli, root: string): Promise<() => Promise<void>> {
  if (cli.litter.length === 0) return async () => undefined;
  const before = new Set(await readdir(root));
  return async () => {
    const left = (await readdir(root)).filter((name) => !before.has(name) && isLitter(cli, name));
    await Promise.all(left.map((name) => rm(join(root, name), { recursive: true, force: true })));
  };
}

function isLitter(cli: AgentCli, name: string): boolean {
  return cli.litter.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}
