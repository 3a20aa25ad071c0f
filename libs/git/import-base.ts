import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ImportedBase } from '#engine/ports/git.port.js';
import { GitRefusal } from '#engine/ports/git-refusal.js';
import { exists, type Hubs } from './hub.js';
import type { Mirrors } from './mirror.js';
import { withoutCredentials } from './names.js';
import { contentWarnings, lookAtCheckout } from './origin-warnings.js';
import {
  locate,
  originNamed,
  resolveBase,
  unreadableRefusal,
  type BaseCommit,
  type Origin,
  type OriginGit,
} from './origin.js';
import { GitError, type GitRunner } from './runner.js';

export interface OriginTools {
  readonly runner: GitRunner;
  readonly git: OriginGit;
  readonly hubs: Hubs;
  readonly mirrors: Mirrors;
  /** What is to be said of the content of commits that were imported; it never changes. */
  readonly imported: Map<string, readonly string[]>;
}

/** Commits that are remembered: plans begin on few. */
const REMEMBERED = 1_000;

/** Brings one commit of the origin into the hub. Throws a `GitRefusal` for what a person has to mend. */
export async function importBase(
  tools: OriginTools,
  input: { readonly repositoryId: string; readonly origin: string; readonly base: string | null },
): Promise<ImportedBase> {
  const { git } = tools;
  const { origin, warnings } = await look(git, input.origin);
  const base = await resolveBase(git, origin, input.base);
  const content = await bringBase(tools, input.repositoryId, origin, base);
  return { ...base, warnings: [...warnings, ...content] };
}

/** A person waits: where a checkout tells all at its first look, nothing else is asked. */
async function look(
  git: OriginGit,
  name: string,
): Promise<{ readonly origin: Origin; readonly warnings: readonly string[] }> {
  const named = originNamed(name);
  const hasGit = named.local && (await exists(path.join(named.location, '.git')));
  const seen = hasGit ? await lookAtCheckout(git, named).catch(() => null) : null;
  if (seen !== null && seen.head !== null)
    return { origin: { ...named, checkout: true, head: seen.head }, warnings: seen.warnings };
  const origin = await locate(git, name);
  return { origin, warnings: origin.checkout ? (await lookAtCheckout(git, origin)).warnings : [] };
}

/** Sees to it that the hub has the commit. @returns what is to be said of its content */
export async function bringBase(
  tools: OriginTools,
  repositoryId: string,
  origin: Origin,
  base: BaseCommit,
): Promise<readonly string[]> {
  const hub = await tools.hubs.ensure(repositoryId);
  const known = tools.imported.get(`${repositoryId} ${base.commit}`);
  if (known !== undefined && hub.path !== null && (await exists(path.join(hub.path, baseRef(base)))))
    return known;
  const gitDir = hub.path ?? (await tools.mirrors.of(repositoryId)).path;
  await fetchCommit(tools, origin, base, { gitDir, ref: baseRef(base) });
  await requireCommit(tools, base, gitDir);
  if (hub.path === null) {
    const args = ['push', '--quiet', '--no-verify', '--', hub.location, `${base.commit}:${baseRef(base)}`];
    await tools.runner.run({ args, gitDir, settings: hub.settings });
  }
  const warnings = await contentWarnings(tools.runner, gitDir, base.commit);
  if (tools.imported.size >= REMEMBERED) tools.imported.clear();
  tools.imported.set(`${repositoryId} ${base.commit}`, warnings);
  return warnings;
}

/** Keeps an imported commit reachable in the hub. */
function baseRef(base: BaseCommit): string {
  return `refs/planwright/base/${base.commit}`;
}

/** Another import of the same commit may hold the lock of its ref for a moment. */
const FETCH_TRIES = 4;

/** Fetches one commit of the origin to a ref of ours. Throws a `GitRefusal` where the origin lacks it. */
export async function fetchCommit(
  tools: OriginTools,
  origin: Origin,
  base: BaseCommit,
  { gitDir, ref }: { readonly gitDir: string; readonly ref: string },
): Promise<void> {
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--update-shallow'];
  const args = ['fetch', ...options, '--', origin.location, `${base.commit}:${ref}`];
  for (let attempt = 1; ; attempt += 1) {
    try {
      await tools.git.run(origin, { args, gitDir });
      return;
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      if (/not our ref|unadvertised object/.test(error.stderr)) throw unknownCommit(origin, base);
      if (attempt === FETCH_TRIES || !/cannot lock ref|\.lock'/.test(error.stderr))
        throw unreadableRefusal(origin, error);
    }
    await setTimeout(attempt * 100);
  }
}

/** Throws a `GitRefusal` for what is no commit. @returns its id */
export async function requireCommit(tools: OriginTools, base: BaseCommit, gitDir: string): Promise<string> {
  const type = await tools.runner.text({ args: ['cat-file', '-t', base.commit], gitDir });
  if (type === 'commit') return base.commit;
  throw new GitRefusal(
    `${base.branch} is a ${type}, not a commit.`,
    'Name a branch, a tag of a commit or a full commit id.',
  );
}

function unknownCommit(origin: Origin, base: BaseCommit): GitRefusal {
  const where = withoutCredentials(origin.location);
  return new GitRefusal(
    `${where} does not have the commit ${base.commit}.`,
    'Push it there first, or name a branch.',
  );
}
