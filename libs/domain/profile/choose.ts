import type { Capability, ProfileStatus } from './profile.js';

/** What of a profile decides whether it is chosen. */
export interface Candidate {
  readonly slug: string;
  readonly status: ProfileStatus;
  readonly capabilities: readonly Capability[];
  /** Attempts that run under it. */
  readonly load: number;
}

export type Choice<C extends Candidate> =
  | { readonly profile: C; readonly reason: string }
  /** Why there is none, and what to do. */
  | { readonly profile: null; readonly reason: string };

const NOTHING_ASKED = 'the task names no profile and needs nothing: name a profile, or say who does it';

/**
 * Who does a task. One that is named is taken as it is. Else, of the active ones that have all that is needed: the highest
 * sum of levels, the least load, the fewest other capabilities, the first slug. The order of the candidates plays no part.
 */
export function chooseProfile<C extends Candidate>(
  asked: { readonly profile: string | null; readonly needs: readonly string[] },
  candidates: readonly C[],
): Choice<C> {
  const { profile: name, needs } = asked;
  if (name !== null) return named(name, candidates);
  const wanted = [...new Set(needs)];
  if (wanted.length === 0) return { profile: null, reason: NOTHING_ASKED };
  const able = candidates.filter((each) => each.status === 'active' && lacks(each, wanted).length === 0);
  const [best] = able.sort((a, b) => compare(a, b, wanted));
  if (best === undefined) return { profile: null, reason: nobody(wanted, candidates) };
  const others = able.length === 1 ? 'the only one' : `the best of ${able.length}`;
  const level = levelOf(best, wanted);
  const reason = `${best.slug} is ${others} with ${wanted.join(', ')} (level ${level} in all, ${best.load} at work)`;
  return { profile: best, reason };
}

function named<C extends Candidate>(name: string, candidates: readonly C[]): Choice<C> {
  const found = candidates.find(({ slug }) => slug === name);
  if (found === undefined)
    return {
      profile: null,
      reason: `there is no profile ${name}: planwright agent list shows those there are`,
    };
  if (found.status !== 'active') {
    const first = found.status === 'archived' ? `bring it back (planwright agent restore ${name}), ` : '';
    return {
      profile: null,
      reason: `the profile ${name} is ${found.status}: ${first}make it active, or name another`,
    };
  }
  return { profile: found, reason: `the task names ${name}` };
}

function compare(a: Candidate, b: Candidate, wanted: readonly string[]): number {
  return (
    levelOf(b, wanted) - levelOf(a, wanted) ||
    a.load - b.load ||
    a.capabilities.length - b.capabilities.length ||
    (a.slug < b.slug ? -1 : a.slug > b.slug ? 1 : 0)
  );
}

function levelOf({ capabilities }: Candidate, wanted: readonly string[]): number {
  return capabilities.filter(({ name }) => wanted.includes(name)).reduce((sum, { level }) => sum + level, 0);
}

function lacks({ capabilities }: Candidate, wanted: readonly string[]): string[] {
  const has = new Set(capabilities.map(({ name }) => name));
  return wanted.filter((name) => !has.has(name));
}

function nobody(wanted: readonly string[], candidates: readonly Candidate[]): string {
  const active = candidates.filter(({ status }) => status === 'active');
  const unknown = wanted.filter((name) => active.every((each) => lacks(each, [name]).length > 0));
  const what =
    unknown.length > 0
      ? `no active profile can do ${unknown.join(', ')}`
      : `no single active profile can do all of ${wanted.join(', ')}`;
  return `${what}: give one the capability, name a profile, or change what the task needs`;
}
