import { judgeRules, type Evaluation } from '#domain/spec/evaluate.js';
import { fateOf, hunksOf, strengthOf, type HunkFate, type Strength } from '#domain/spec/strength.js';
import type { Clock } from '../ports/clock.port.js';
import type { FactsPort } from '../ports/facts.port.js';
import type { GitPort } from '../ports/git.port.js';
import { readSpec } from './read-spec.js';
import { REDUCED, sourceWithout } from './source-without.js';

export interface MeasureDeps {
  readonly git: Pick<GitPort, 'diff' | 'blobs'>;
  readonly facts: FactsPort;
  readonly clock: Pick<Clock, 'monotonic'>;
}

export interface MeasureOrder {
  readonly repositoryId: string;
  readonly specText: string;
  readonly planBase: string;
  /** The plan's tip that the change was put on. */
  readonly from: string;
  /** The integrated commit. */
  readonly to: string;
  /** What the measuring itself may take; what is left then is named as not measured. */
  readonly budgetMs: number;
  /** Waited for before each hunk; its time does not count. */
  readonly turn: () => Promise<void>;
}

/**
 * Takes back each hunk of an integrated change alone and judges the rules again: which of the change would they miss?
 * No file is written: a tree without a hunk is told by its files.
 *
 * @returns null where there is nothing to measure: no rules, or no change
 */
export async function measureStrength(deps: MeasureDeps, order: MeasureOrder): Promise<Strength | null> {
  const { repositoryId, from, to, planBase, budgetMs, turn } = order;
  const parsed = readSpec(order.specText);
  if (!parsed.ok || parsed.spec.rules.length === 0) return null;
  const { spec } = parsed;
  await turn();
  let spent = 0;
  const timed = async <T>(work: () => Promise<T>): Promise<T> => {
    const start = deps.clock.monotonic();
    const result = await work();
    spent += deps.clock.monotonic() - start;
    return result;
  };
  const diff = await timed(() => deps.git.diff({ repositoryId, from, to }));
  const hunks = hunksOf(diff);
  if (hunks.length === 0) return null;
  const source = deps.git.blobs(repositoryId);
  const alsoRead = diff.flatMap(({ path, oldPath }) => (oldPath === undefined ? [path] : [path, oldPath]));
  const collect = (commit: string, at = source) => deps.facts.collect({ source: at, commit, spec, alsoRead });
  const whole = await timed(async (): Promise<Omit<Evaluation, 'checks'>> => {
    const attemptBase = await collect(from);
    return {
      spec,
      attemptBase,
      planBase: planBase === from ? attemptBase : await collect(planBase),
      candidate: await collect(to),
      builtInViolations: [],
      changedFiles: diff,
      candidateUnchanged: false,
    };
  });
  const standing = judgeRules(whole);
  const fates: HunkFate[] = [];
  for (const hunk of hunks) {
    await turn();
    if (spent >= budgetMs) break;
    const reduced = await timed(async () => {
      const candidate = await collect(REDUCED, await sourceWithout({ source, from, to }, hunk));
      const changedFiles = hunk.edit === null ? diff.filter(({ path }) => path !== hunk.file) : diff;
      return judgeRules({ ...whole, candidate, changedFiles });
    });
    fates.push(fateOf(spec, standing, reduced));
  }
  return strengthOf(to, spec, hunks, fates);
}
