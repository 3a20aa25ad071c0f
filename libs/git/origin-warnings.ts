import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BaseCommit, Origin, OriginGit } from './origin.js';
import type { GitRunner } from './runner.js';

/** What one look at a checkout tells of it. */
export interface Checkout {
  readonly head: BaseCommit | null;
  /** Sentences on what of it is not part of the plan. */
  readonly warnings: readonly string[];
}

/** Looks at the checkout of a local origin. Nothing is written. Rejects where there is none. */
export async function lookAtCheckout(git: OriginGit, origin: Origin): Promise<Checkout> {
  const cwd = origin.location;
  const options = ['--untracked-files=normal', '--ignore-submodules=dirty', '--no-renames'];
  const args = ['status', '--porcelain=v2', '--branch', '-z', ...options];
  const status = await git.text(origin, { args, cwd, settings: await filterSettings(git, origin) });
  const entries = status.split('\0').filter((entry) => entry !== '');
  const said = (key: string) =>
    entries.find((entry) => entry.startsWith(`# branch.${key} `))?.slice(`# branch.${key} `.length);
  const [commit = '', branch = '(detached)'] = [said('oid'), said('head')];
  const head = /^[0-9a-f]{40}$/.test(commit) && branch !== '(detached)' ? { commit, branch } : null;
  const files = entries.filter((entry) => !entry.startsWith('# '));
  const sentence = `${count(files.length, 'file')} in the checkout ${plural(files.length, 'has', 'have')} uncommitted changes that are not part of the plan.`;
  return { head, warnings: files.length === 0 ? [] : [sentence] };
}

/** `git status` runs the origin's filters on files it is not sure of; an empty command is none. */
async function filterSettings(
  git: OriginGit,
  origin: Origin,
): Promise<readonly (readonly [string, string])[]> {
  const cwd = origin.location;
  // The origin's own file is all that is read of configuration, unless it names more: git need not be asked then.
  const own = await readFile(path.join(cwd, '.git', 'config'), 'utf8').catch(() => null);
  if (own !== null && !/filter|include|worktreeconfig/i.test(own)) return [];
  const args = ['config', '--name-only', '-z', '--get-regexp', '^filter\\.'];
  const { stdout } = await git.run(origin, { args, cwd, codes: [0, 1] });
  return stdout
    .toString('utf8')
    .split('\0')
    .filter((key) => key !== '')
    .map((key) => [key, key.endsWith('.required') ? 'false' : ''] as const);
}

/** Sentences on what of a commit will not be in the workspaces. `gitDir` has the commit. Nothing is written. */
export async function contentWarnings(
  runner: GitRunner,
  gitDir: string,
  commit: string,
): Promise<readonly string[]> {
  const { stdout } = await runner.run({ args: ['ls-tree', '-r', '-z', commit], gitDir });
  const entries = stdout.toString('utf8').split('\0');
  const submodules = entries.filter((entry) => entry.startsWith('160000 '));
  const attributes = entries
    .filter((entry) => /\t(.*\/)?\.gitattributes$/s.test(entry))
    .map((entry) => entry.split(/[ \t]/)[2] ?? '');
  const warnings: string[] = [];
  if (submodules.length > 0) {
    warnings.push(
      `${count(submodules.length, 'submodule')} ${plural(submodules.length, 'is', 'are')} not checked out: the folders stay empty.`,
    );
  }
  const filters = await filtersIn(runner, gitDir, attributes);
  if (filters.delete('lfs')) warnings.push('Files kept in Git LFS are not downloaded: they stay pointers.');
  for (const filter of filters)
    warnings.push(
      `Files under the git filter ${filter} are taken as they are stored: the filter is not run.`,
    );
  return warnings;
}

async function filtersIn(runner: GitRunner, gitDir: string, blobs: readonly string[]): Promise<Set<string>> {
  if (blobs.length === 0) return new Set();
  const stdin = blobs.map((blob) => `${blob}\n`).join('');
  const { stdout } = await runner.run({ args: ['cat-file', '--batch'], gitDir, stdin });
  const lines = stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'));
  return new Set(
    lines.flatMap((line) => [...line.matchAll(/\sfilter=([\w.-]+)/g)].map((match) => match[1] ?? '')),
  );
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function plural(number: number, one: string, many: string): string {
  return number === 1 ? one : many;
}
