import type { ResolvedPlan } from '#contracts/plan/resolve-plan.js';
import { DomainError } from '#domain/domain-error.js';
import type { Spec } from '#domain/spec/spec.js';
import { rulesOnBase, type ItemOnBase } from '../dry-run/spec-on-base.js';
import type { FactsPort } from '../ports/facts.port.js';
import type { GitPort } from '../ports/git.port.js';
import type { OnBase } from '../ports/judgement.port.js';

export interface JudgedSpec {
  readonly key: string;
  readonly title: string;
  readonly yaml: string;
  readonly hash: string;
  /** Null: its rules are not red and it has checks. They run in the verifier, once the plan is there. */
  readonly colour: OnBase | null;
  /** A sentence. */
  readonly reason: string;
}

/** How the rules of the specs of a plan stand on the commit that it starts from. No command runs. */
export async function judgeSpecs(
  deps: { readonly git: Pick<GitPort, 'blobs'>; readonly facts: FactsPort },
  { plan, graph, specs }: ResolvedPlan & { readonly ok: true },
  at: { readonly repositoryId: string; readonly base: string; readonly signal: AbortSignal },
): Promise<JudgedSpec[]> {
  const judged: JudgedSpec[] = [];
  for (const [p, phase] of plan.phases.entries()) {
    for (const [t, { title }] of phase.tasks.entries()) {
      const spec = specs[p]?.[t];
      const key = graph[p]?.tasks[t]?.key ?? '';
      if (spec === null || spec === undefined) continue;
      const { yaml, hash } = spec;
      judged.push({ key, title, yaml, hash, ...(await standing(deps, spec.spec, at)) });
    }
  }
  return judged;
}

async function standing(
  deps: Parameters<typeof judgeSpecs>[0],
  spec: Spec,
  at: Parameters<typeof judgeSpecs>[2],
): Promise<Pick<JudgedSpec, 'colour' | 'reason'>> {
  try {
    const { colour, items } = await rulesOnBase(deps, spec, at);
    if (colour === 'red') return { colour, reason: 'something is red, so work can turn it.' };
    if (spec.checks.length > 0)
      return { colour: null, reason: 'no rule is red; its checks are run once the plan is there.' };
    return { colour, reason: reasonOf(colour, items) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { colour: 'undecided', reason: error.message };
  }
}

function reasonOf(colour: OnBase, items: readonly ItemOnBase[]): string {
  const noted = items.flatMap(({ id, colour: own, note }) =>
    colour === 'undecided' && own !== 'undecided'
      ? []
      : [`${id} is ${own}${note === undefined ? '' : ` (${note})`}`],
  );
  const list = noted.join('; ');
  if (colour === 'green') return `every rule is green before the work, so it would prove nothing: ${list}.`;
  if (colour === 'undecided') return `nothing is red, and some rules cannot be decided: ${list}.`;
  return 'a guard that is green, as it has to stay.';
}

/** Those that are worth asking again for: nothing could turn, or nobody can say. */
export function wantingSpecs(judged: readonly JudgedSpec[]): JudgedSpec[] {
  return judged.filter(({ colour }) => colour === 'green' || colour === 'undecided');
}

/** How many of each colour. */
export function countColours(judged: readonly JudgedSpec[]): Record<OnBase | 'unchecked', number> {
  const of = (wanted: OnBase | null): number => judged.filter(({ colour }) => colour === wanted).length;
  return {
    red: of('red'),
    green: of('green'),
    guard: of('guard'),
    undecided: of('undecided'),
    unchecked: of(null),
  };
}
