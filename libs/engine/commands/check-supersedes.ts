import { parseSpec } from '#contracts/spec/parse-spec.js';
import { DomainError } from '#domain/domain-error.js';
import type { Draft, DraftTask } from '#domain/plan/draft.js';
import { supersedeProblems } from '#domain/plan/supersedes.js';

/** @throws DomainError `invalid` with every task that supersedes what no earlier task proves */
export function checkSupersedes(draft: Draft): void {
  const places = draft.phases.flatMap(({ tasks }, p) => tasks.map((task, t) => ({ task, p, t })));
  if (places.every(({ task }) => task.supersedes.length === 0)) return;
  const tasks = places.map(({ task }) => ({ ...task, proves: () => idsOf(task) }));
  const problems = supersedeProblems(tasks).map(({ task, at, message }) => {
    const { p, t } = places[task] as (typeof places)[number];
    return { path: `phases[${p}].tasks[${t}].supersedes[${at}]`, message };
  });
  if (problems.length > 0) {
    throw new DomainError(
      'invalid',
      'A task would supersede what is not proven before it; nothing was changed.',
      {
        problems,
      },
    );
  }
}

function idsOf({ spec }: DraftTask): string[] | null {
  const parsed = spec === null ? null : parseSpec(spec.yaml);
  return parsed?.ok === true ? [...parsed.spec.rules, ...parsed.spec.checks].map(({ id }) => id) : null;
}
