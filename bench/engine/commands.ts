import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PACKAGE_ROOT } from '../api-stack.js';
import { quantileOf, recordOf } from '../record.js';
import { runNode } from '../run-node.js';
import { bestOf, WIDTHS } from './best-of.js';
import type { EngineCase } from './case.js';
import type { Ground } from './ground.js';
import { noOpPlan, truePlan } from './plans.js';
import { timeOf, withPlanwright, type Planwright } from './planwright-side.js';
import { fanOut } from './shape.js';
import { spawnTrue } from './spawns.js';

const CLI = path.join(PACKAGE_ROOT, 'dist/apps/cli/main.js');

export const trueChainCase = commandCase('true-chain-200', 'sequential', 200);
export const trueParallelCase = commandCase('true-parallel-1000', 'parallel', 1_000);

/** As in the durable cases: a stack runs for weeks, and its first second is none of a plan's. */
const WARM_UP = noOpPlan(fanOut(300), 4);
const RUNS = 3;

/** `planwright run` of so many `true`, with default settings, beside the bare processes; the median of three runs. */
function commandCase(name: string, mode: 'sequential' | 'parallel', count: number): EngineCase {
  return async ({ ground, print, note }) => {
    const rateAt = async (width: number) => 200 / (await spawnTrue(200, width));
    const atOnce = mode === 'sequential' ? 1 : await bestOf(WIDTHS, rateAt);
    const bare: number[] = [];
    for (let round = 0; round < RUNS; round += 1) bare.push(await spawnTrue(count, atOnce));
    note(`${name}, bare spawns, ${atOnce} at once: ${seconds(bare)}`);
    const own = await runsByCli(ground, truePlan(mode, count));
    note(`${name}, planwright run: ${seconds(own)}`);
    const baseline = `bare spawns, ${atOnce} at once`;
    const head = { suite: 'engine', case: name, backend: ground.backend, n: count, baseline };
    print(recordOf({ ...head, unit: 's' }, quantileOf(own, 0.5), quantileOf(bare, 0.5)));
  };
}

const seconds = (runs: readonly number[]) => `${runs.map((run) => run.toFixed(2)).join(', ')} s`;

/** Seconds from the start of the command line's process to the completion of the plan, run by run. */
async function runsByCli(ground: Ground, planYaml: string): Promise<number[]> {
  const file = path.join(ground.folder, 'plan.yaml');
  await writeFile(file, planYaml);
  return withPlanwright(ground, {}, async (planwright) => {
    await planwright.completed(await planwright.start(WARM_UP));
    const runs: number[] = [];
    for (let run = 0; run < RUNS; run += 1) runs.push(await runByCli(ground, planwright, file));
    return runs;
  });
}

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
