import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { coreConfig, writeRepository } from './bare-repository.js';
import { hasCode } from './errno.js';

const CONFIG = `${coreConfig(false)}[user]
\tname = Planwright agent
\temail = agent@planwright.invalid
[gc]
\tauto = 0
[maintenance]
\tauto = false
`;

/**
 * Gives the agent a git directory of its own, so that `git diff`, `git log` and `git mv` work for it. It borrows
 * all objects; nothing in it is trusted or read afterwards.
 */
export async function writeAgentGitDirectory(input: {
  readonly tree: string;
  readonly commit: string;
  readonly mirror: string;
  readonly index: string;
  /** Paths that are no part of the work. */
  readonly exclude: readonly string[];
}): Promise<void> {
  const path = join(input.tree, '.git');
  await writeRepository(path, {
    config: CONFIG,
    head: `${input.commit}\n`,
    alternates: [join(input.mirror, 'objects')],
  });
  await copyFile(input.index, join(path, 'index'));
  // A repository without the list of its shallow commits would look for their parents.
  await copyFile(join(input.mirror, 'shallow'), join(path, 'shallow')).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
  });
  const excluded = input.exclude.map((place) => `/${place.replaceAll(/[\\*?[\]!# ]/g, '\\$&')}\n`);
  await writeFile(join(path, 'info/exclude'), excluded.join(''));
  await writeFile(join(path, 'description'), 'Throw-away repository of one Planwright attempt.\n');
}
