import { profileGuard } from '#domain/profile/scope.js';
import { NO_SPEC } from '#domain/spec/spec.js';
import { writeGuard, type WriteGuard } from '#domain/spec/write-guard.js';
import type { ExecutorDeps } from '../deps.js';
import { CommitFiles } from '../verification/commit-files.js';
import { readSpec } from '../verification/read-spec.js';
import type { AttemptOrder } from './attempt-order.js';

/** What an attempt should leave alone, by its task and its profile. Its base is listed when somebody asks, and once. */
export function guardOfOrder(
  { git }: Pick<ExecutorDeps, 'git'>,
  order: Pick<AttemptOrder, 'repositoryId' | 'base' | 'input' | 'scope'>,
): () => Promise<WriteGuard> {
  let made: Promise<WriteGuard> | null = null;
  return () => (made ??= make(git, order));
}

async function make(
  git: ExecutorDeps['git'],
  { repositoryId, base, input, scope }: Pick<AttemptOrder, 'repositoryId' | 'base' | 'input' | 'scope'>,
): Promise<WriteGuard> {
  const files = await CommitFiles.of(git.blobs(repositoryId), base);
  const parsed = input.spec === null ? null : readSpec(input.spec);
  const byTask = writeGuard({
    spec: parsed?.ok === true ? parsed.spec : NO_SPEC,
    scope,
    existed: (path) => files.at(path) !== undefined,
    basePackageJson: await files.text('package.json'),
  });
  if (input.limits === undefined) return byTask;
  const byProfile = profileGuard(input.limits.constraints);
  return (path) => byProfile(path) ?? byTask(path);
}
