import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PACKAGE_ROOT } from '../api-stack.js';
import { recordOf } from '../record.js';
import { runNode } from '../run-node.js';
import { bestOf, WIDTHS } from './best-of.js';
import type { EngineCase } from './case.js';
import type { Ground } from './ground.js';
import { truePlan } from './plans.js';
import { timeOf, withPlanwright } from './planwright-side.js';
import { spawnTrue } from './spawns.js';

const CLI = path.join(PACKAGE_ROOT, 'dist/apps/cli/main.js');

export const trueChainCase = commandCase('true-chain-200', 'sequential', 200);
export const trueParallelCase = commandCase('true-parallel-1000', 'parallel', 1_000);

/** `planwright run` of so many `true`, with default settings, beside the bare processes. */
function commandCase(name: string, mode: 'sequential' | 'parallel', count: number): EngineCase {
  return async ({ ground, print, note }) => {
    const rateAt = async (width: number) => 200 / (await spawnTrue(200, width));
    const atOnce = mode === 'sequential' ? 1 : await bestOf(WIDTHS, rateAt);
    const bare = await spawnTrue(count, atOnce);
    note(`${name}, bare spawns, ${atOnce} at once: ${bare.toFixed(2)} s`);
    const own = await runByCli(ground, truePlan(mode, count));
    note(`${name}, planwright run: ${own.toFixed(2)} s`);
    const baseline = `bare spawns, ${atOnce} at once`;
    const head = { suite: 'engine', case: name, backend: ground.backend, n: count, baseline };
    print(recordOf({ ...head, unit: 's' }, own, bare));
  };
}

/** Seconds from the start of the command line's process to the completion of the plan. */
async function runByCli(ground: Ground, planYaml: string): Promise<number> {
  const file = path.join(ground.folder, 'plan.yaml');
  await writeFile(file, planYaml);
  return withPlanwright(ground, {}, async ({ url, token, repository, now, latestPlan, completed }) => {
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
  });
}
