import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PACKAGE_ROOT } from '../api-stack.js';
import { quantileOf, recordOf } from '../record.js';
import { runNode } from '../run-node.js';
import { bestOf, WIDTHS } from './best-of.js';
import type { EngineCase } from './case.js';
import type { Ground } from './ground.js';
import { truePlan } from './plans.js';
import { timeOf, withPlanwright, type Planwright } from './planwright-side.js';
import { spawnTrue } from './spawns.js';

const CLI = path.join(PACKAGE_ROOT, 'dist/apps/cli/main.js');

export const trueChainCase = commandCase('true-chain-200', 'sequential', 200);
export const trueParallelCase = commandCase('true-parallel-1000', 'parallel', 1_000);

/** As in the durable cases: a stack runs for weeks, and its first second is none of a plan's. */
const WARM_UP = 300;
const ROUNDS = 5;

/**
 * `planwright run` of so many `true`, with default settings, and the bare processes, in turn: the machine's own speed is
 * another one a minute later. Medians of five rounds.
 */
function commandCase(name: string, mode: 'sequential' | 'parallel', count: number): EngineCase {
  return async ({ ground, print, note }) => {
    const rateAt = async (width: number) => 200 / (await spawnTrue(200, width));
    const atOnce = mode === 'sequential' ? 1 : await bestOf(WIDTHS, rateAt);
    const file = path.join(ground.folder, 'plan.yaml');
    await writeFile(file, truePlan(mode, count));
    const bare: number[] = [];
    const own: number[] = [];
    await withPlanwright(ground, {}, async (planwright) => {
      await planwright.completed(await planwright.start(truePlan(mode, WARM_UP)));
      for (let round = 0; round < ROUNDS; round += 1) {
        bare.push(await spawnTrue(count, atOnce));
        own.push(await runByCli(ground, planwright, file));
      }
    });
    note(`${name}, bare spawns, ${atOnce} at once: ${seconds(bare)}`);
    note(`${name}, planwright run: ${seconds(own)}`);
    const baseline = `bare spawns, ${atOnce} at once`;
    const head = { suite: 'engine', case: name, backend: ground.backend, n: count, baseline };
    print(recordOf({ ...head, unit: 's' }, quantileOf(own, 0.5), quantileOf(bare, 0.5)));
  };
}

const seconds = (runs: readonly number[]) => `${runs.map((run) => run.toFixed(2)).join(', ')} s`;

/** Seconds from the start of the command line's process to the completion of the plan. */
async function runByCli(ground: Ground, planwright: Planwright, file: string): Promise<number> {
  const { url, token, repository, now, latestPlan, completed } = planwright;
  const stop = new AbortController();
  const end = ground.endings.add(async () => stop.abort());
  const place = { PLANWRIGHT_URL: url, PLANWRIGHT_TOKEN: token };
  const begin = await now();
  try {
    await runNode([CLI, 'run', file, '--repo', repository], ground.folder, place, stop.signal);
  } finally {
    await end();
  }
  const events = await completed(await latestPlan());
  return (timeOf(events, 'plan.completed') - begin) / 1000;
}
