import { whyNotLike, type PatternKind } from '#domain/patterns/rank.js';
import { DomainError } from '#domain/domain-error.js';
import { specInWords } from '#domain/spec/in-words.js';
import type { Spec } from '#domain/spec/spec.js';
import type { TaskState } from '#domain/plan/state.js';
import type { OriginDeps } from '../deps.js';
import type { DeclarationsPort } from '../ports/declarations.port.js';
import type { TaskBrief } from '../ports/store.port.js';
import { requireTask } from '../commands/on-known-plan.js';
import { readSpec } from '../verification/read-spec.js';
import { analogousIn, type AnalogousPattern } from './find-analogous.js';

const MAX_LIKES = 3;
const MAX_PATTERNS = 3;

/** What whoever carries a task out is told, beside what its view shows. */
export interface TaskContext extends Pick<TaskState, 'title' | 'status' | 'note'> {
  readonly brief: TaskBrief;
  readonly base: { readonly commit: string; readonly branch: string };
  readonly spec: { readonly words: readonly string[]; readonly yaml: string } | null;
  readonly analogous: readonly { readonly like: string; readonly items: readonly AnalogousPattern[] }[];
}

/** A task as an agent of ours would be told of it. @throws DomainError `not_found` */
export async function readTaskContext(
  deps: Pick<OriginDeps, 'git' | 'store'> & { readonly declarations: DeclarationsPort },
  { planId, taskNumber }: { readonly planId: string; readonly taskNumber: number },
): Promise<TaskContext> {
  const read = await deps.store.withPlan(planId, async (tx) => {
    const { id, title, status, note } = await requireTask(tx, taskNumber);
    const { repositoryId, tipCommit: commit, branch } = tx.plan;
    return { title, status, note, brief: await tx.brief(id), repositoryId, base: { commit, branch } };
  });
  if (read === null) throw new DomainError('not_found', `There is no plan ${planId}.`);
  const { repositoryId, ...context } = read.result;
  const { specYaml: yaml } = context.brief;
  const parsed = yaml === null ? null : readSpec(yaml);
  const spec = parsed?.ok === true ? parsed.spec : null;
  const source = deps.git.blobs(repositoryId);
  const analogous: { like: string; items: AnalogousPattern[] }[] = [];
  for (const { kind, like } of spec === null ? [] : wanted(spec)) {
    const query = { source, commit: context.base.commit, kind, like, limit: MAX_PATTERNS, near: undefined };
    analogous.push({ like, items: await analogousIn(deps.declarations, query) });
  }
  return {
    ...context,
    spec: yaml === null ? null : { yaml, words: spec === null ? [] : specInWords(spec) },
    analogous: analogous.filter(({ items }) => items.length > 0),
  };
}

/** What of the required can be made like something that is there. */
function wanted({ rules }: Spec): { kind: PatternKind; like: string }[] {
  const required = rules.flatMap(({ require }) => (require === undefined ? [] : [require.terms]));
  const likes = required.flatMap(({ api_routes: routes, identifiers }) => [
    ...routes.map(({ text }) => ({ kind: 'api_route' as const, like: text })),
    ...identifiers.map(({ text }) => ({ kind: 'function' as const, like: text })),
  ]);
  const known = likes.filter(({ kind, like }) => whyNotLike(kind, like) === null);
  return [...new Map(known.map((each) => [each.like, each])).values()].slice(0, MAX_LIKES);
}
