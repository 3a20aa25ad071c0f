import { DomainError } from '#domain/domain-error.js';
import type { Draft } from '#domain/plan/draft.js';
import type { Candidate } from '#domain/profile/choose.js';

/** Where a task names a profile. */
export interface NamedProfile {
  /** From the root of the plan: `phases[0].tasks[2].profile`. */
  readonly path: string;
  readonly slug: string;
}

type Known = Pick<Candidate, 'slug' | 'status'>;

/**
 * Profiles are never deleted: one that is there when it is named is there when the task begins.
 *
 * @param known read only where a task names one
 * @throws DomainError `invalid` with every task that names a profile which there is not, and those that there are
 */
export async function checkProfiles(
  named: readonly NamedProfile[],
  known: () => Promise<readonly Known[]>,
): Promise<void> {
  if (named.length === 0) return;
  const all = await known();
  const problems = named
    .filter(({ slug }) => all.every((each) => each.slug !== slug))
    .map(({ path, slug }) => ({ path, message: `there is no profile ${slug}` }));
  if (problems.length === 0) return;
  const active = all.filter(({ status }) => status === 'active').map(({ slug }) => slug);
  throw new DomainError('invalid', 'A task names a profile that there is not; nothing was changed.', {
    remedy:
      active.length === 0
        ? 'There is no active one: make it with `planwright agent add`.'
        : `Name one of ${active.join(', ')}, or make it with \`planwright agent add\`.`,
    problems,
  });
}

/** What the tasks of a plan name. */
export function profilesNamed<T extends { readonly profile: string | null }>(
  phases: readonly { readonly tasks: readonly T[] }[],
  counts: (task: T) => boolean = () => true,
): NamedProfile[] {
  return phases.flatMap(({ tasks }, p) =>
    tasks.flatMap((task, t) =>
      task.profile === null || !counts(task)
        ? []
        : [{ path: `phases[${p}].tasks[${t}].profile`, slug: task.profile }],
    ),
  );
}

/** What tasks of a draft name that they did not name before. */
export function newlyNamed(before: Draft, after: Draft): NamedProfile[] {
  const tasks = before.phases.flatMap((phase) => phase.tasks);
  const earlier = new Map(tasks.map(({ id, profile }) => [id, profile]));
  return profilesNamed(after.phases, ({ id, profile }) => earlier.get(id) !== profile);
}
