import { rm } from 'node:fs/promises';
import type { Scenario } from './scenario.js';
import type { WaveResult } from './wave.js';

/** Runs scenarios side by side. */
export type Try = (scenarios: readonly Scenario[]) => Promise<WaveResult>;

/**
 * Looks for fewer runs, faults and whims that still go wrong: one after the other is left out, and stays out when there
 * is a failure without it. What depends on the clock may hide: then something stays that is not to blame.
 *
 * @param failing seeds of the runs that went wrong; none: the stack did
 * @returns the smallest wave that was seen to fail; the one given when nothing smaller did in the time
 */
export async function shrink(
  scenarios: readonly Scenario[],
  failing: readonly number[],
  budgetMs: number,
  run: Try,
): Promise<readonly Scenario[]> {
  const deadline = performance.now() + budgetMs;
  let smallest = scenarios;
  const attempt = async (candidate: readonly Scenario[]): Promise<boolean> => {
    if (candidate.length === 0 || performance.now() > deadline) return false;
    const { folder } = await run(candidate);
    if (folder === null) return false;
    await rm(folder, { recursive: true, force: true });
    smallest = candidate;
    return true;
  };
  const alone = scenarios.filter(({ seed }) => failing.includes(seed));
  if (alone.length < scenarios.length) await attempt(alone);
  for (const { seed } of smallest) await attempt(smallest.filter((other) => other.seed !== seed));
  for (const { seed } of smallest) {
    for (let at = stepsOf(smallest, seed).length - 1; at >= 0; at -= 1)
      await attempt(smallest.map((other) => (other.seed === seed ? without(other, at) : other)));
  }
  return smallest;
}

const stepsOf = (scenarios: readonly Scenario[], seed: number) =>
  scenarios.find((scenario) => scenario.seed === seed)?.steps ?? [];

function without(scenario: Scenario, at: number): Scenario {
  return { ...scenario, steps: scenario.steps.filter((_, index) => index !== at) };
}
