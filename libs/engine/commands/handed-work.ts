import { DomainError } from '#domain/domain-error.js';
import { outsideOf, type TouchedPath } from '#domain/spec/write-scope.js';
import type { OriginDeps } from '../deps.js';
import { GitRefusal } from '../ports/git-refusal.js';
import type { CommitMessage } from '../ports/git.port.js';

/** What is handed in: a ref of the origin, or a commit that was pushed to a submission's ref of the hub. */
export type Handed = { readonly ref: string } | { readonly commit: string };

/** A unified diff to the plan's tip, as text. */
export interface Patch {
  readonly patch: string;
}

/** Where it goes, and what its commit says. */
export interface OnTip {
  readonly repositoryId: string;
  readonly tip: string;
  readonly message: CommitMessage;
}

/** Brings it into the hub. @throws DomainError `invalid` for what cannot be read */
export async function bringIn(
  deps: OriginDeps,
  repositoryId: string,
  handed: Handed,
  name: string,
): Promise<string> {
  if ('commit' in handed) {
    if (await deps.git.isSubmission({ repositoryId, commit: handed.commit })) return handed.commit;
    throw new DomainError('invalid', `Nobody handed in the commit ${handed.commit}.`, {
      remedy: 'Push it below refs/planwright/submissions/ of the hub, or name a ref of the origin.',
    });
  }
  const origin = await deps.store.originOf(repositoryId);
  return orInvalid(() => deps.git.importSubmission({ repositoryId, origin, ref: handed.ref, name }));
}

/**
 * What was handed in, as one commit on the plan's tip; the tip itself where it changes nothing.
 *
 * @throws DomainError `conflict` naming the files that do not merge
 */
export async function onTip(
  deps: OriginDeps,
  { repositoryId, tip, message }: OnTip,
  commit: string,
): Promise<string> {
  const merged = await orInvalid(() => deps.git.squash({ repositoryId, commit, onto: tip, message }));
  if (merged.kind === 'clean') return merged.commit;
  throw new DomainError('conflict', `It does not merge with the plan branch in ${merged.files.join(', ')}.`, {
    remedy: 'Merge the plan branch into your work, then hand it in again.',
    problems: merged.files.map((path) => ({ path, message: 'changed on both sides' })),
  });
}

/**
 * A patch, as one commit on the plan's tip; the tip itself where it changes nothing.
 *
 * @throws DomainError `invalid` for what cannot be read, `conflict` naming the files that it does not fit
 */
export async function patchOnTip(
  deps: OriginDeps,
  { repositoryId, tip, message }: OnTip,
  patch: string,
): Promise<string> {
  const applied = await orInvalid(() => deps.git.applyPatch({ repositoryId, patch, onto: tip, message }));
  if (applied.kind === 'clean') return applied.commit;
  const files = applied.places.map(({ path }) => path).join(', ');
  throw new DomainError('conflict', `The patch does not apply to the plan branch in ${files}.`, {
    remedy: `Make it again on the plan's tip, ${tip}.`,
    problems: applied.places.map(({ path, hunk, line, message: why }) => ({
      path,
      message: hunk === null ? why : `hunk ${hunk}: ${why}`,
      ...(line === null ? {} : { line }),
    })),
  });
}

/**
 * Work is handed in for what its task says that it writes, so that others may work beside it.
 *
 * @throws DomainError `invalid` naming each file outside of the scope
 */
export function refuseOutside(scope: readonly string[], touched: readonly TouchedPath[]): void {
  const outside = outsideOf(scope, touched);
  if (outside.length === 0) return;
  const globs = scope.join(', ');
  throw new DomainError(
    'invalid',
    `The task may write ${globs}; the work also touches ${outside.join(', ')}.`,
    {
      remedy: 'Leave them as they are on the tip of the plan, or have the writes of the task widened.',
      problems: outside.map((path) => ({ path, message: `is outside of what the task may write: ${globs}` })),
    },
  );
}

async function orInvalid<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GitRefusal)) throw error;
    throw new DomainError('invalid', error.reason, { remedy: error.remedy });
  }
}
