import { colourOfRuns } from '#domain/spec/check-standing.js';
import { sightRule } from '#domain/spec/rule-sight.js';
import type { Spec, SpecCheck } from '#domain/spec/spec.js';
import type { Colour } from '#domain/spec/verdict.js';
import type { ChecksPort } from '../ports/checks.port.js';
import type { FactsPort } from '../ports/facts.port.js';
import type { GitPort } from '../ports/git.port.js';
import type { WorkspaceSetup } from '../ports/setup.port.js';
import type { Workspaces } from '../workspaces.js';
import { toResult } from '../verification/run-checks.js';

export interface SpecOnBaseDeps {
  readonly git: Pick<GitPort, 'blobs'>;
  readonly workspaces: Pick<Workspaces, 'open'>;
  readonly facts: FactsPort;
  readonly checks: ChecksPort;
}

export interface ItemOnBase {
  readonly id: string;
  readonly kind: 'rule' | 'check';
  readonly colour: Colour;
  /** Why it is undecided, or what is special about it. */
  readonly note?: string;
}

/**
 * - `red`: something can turn green, so the spec can prove work.
 * - `green`: everything is green before the work: the spec would prove nothing.
 * - `guard`: a guard that is green, as it has to stay.
 * - `undecided`: nothing is red, and of something nobody can say.
 */
export interface SpecOnBase {
  readonly colour: 'red' | 'green' | 'guard' | 'undecided';
  readonly items: readonly ItemOnBase[];
}

/** Where a spec is judged, and how checkouts are prepared for its checks. */
export interface Base {
  readonly repositoryId: string;
  readonly base: string;
  readonly setup: WorkspaceSetup | null;
  readonly signal: AbortSignal;
}

/** How a spec stands on the commit that the plan starts from. Rejects with the signal's reason when aborted. */
export async function specOnBase(deps: SpecOnBaseDeps, spec: Spec, at: Base): Promise<SpecOnBase> {
  const { items: rules } = await rulesOnBase(deps, spec, at);
  const items = [...rules];
  for (const check of spec.checks) items.push(await checkOnBase(deps, check, at));
  return { colour: colourOf(spec, items), items };
}

/** The same of its rules alone: no command runs. */
export async function rulesOnBase(
  deps: Pick<SpecOnBaseDeps, 'git' | 'facts'>,
  spec: Spec,
  { repositoryId, base, signal }: Omit<Base, 'setup'>,
): Promise<SpecOnBase> {
  signal.throwIfAborted();
  const source = deps.git.blobs(repositoryId);
  const facts = await deps.facts.collect({ source, commit: base, spec });
  const items = spec.rules.map((rule): ItemOnBase => {
    const { colour, notes } = sightRule(rule, facts, 'base', spec.semantics);
    return { id: rule.id, kind: 'rule', colour, ...(notes.length > 0 && { note: notes.join('; ') }) };
  });
  return { colour: colourOf(spec, items), items };
}

function colourOf(spec: Spec, items: readonly ItemOnBase[]): SpecOnBase['colour'] {
  const has = (colour: Colour): boolean => items.some((item) => item.colour === colour);
  if (has('red')) return 'red';
  if (has('undecided')) return 'undecided';
  return spec.guard ? 'guard' : 'green';
}

/** A red check runs twice, as the verifier does it: a flaky one turns nothing. */
async function checkOnBase(deps: SpecOnBaseDeps, check: SpecCheck, at: Base): Promise<ItemOnBase> {
  const { repositoryId, base: commit, setup, signal } = at;
  const run = async () => {
    const workspace = await deps.workspaces.open({ repositoryId, commit, pool: 'verifier', setup, signal });
    try {
      return toResult(await deps.checks.run({ check, cwd: workspace.path, env: workspace.env, signal }));
    } finally {
      await workspace.release();
    }
  };
  const item = { id: check.id, kind: 'check' } as const;
  const first = await run();
  if (first.kind === 'not_started')
    return { ...item, colour: 'undecided', note: `it does not start: ${first.reason}` };
  if (colourOfRuns([first]) === 'green') return { ...item, colour: 'green' };
  const colour = colourOfRuns([first, await run()]);
  return colour === 'flaky'
    ? { ...item, colour: 'green', note: 'it is flaky, so it turns nothing' }
    : { ...item, colour };
}
