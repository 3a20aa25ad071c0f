import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { listenForStop } from '#platform/supervisor/stop-signals.js';
import { readOptions, type ChaosOptions } from './options.js';
import { reportFailure, reportSummary, reportWave } from './report.js';
import { scenarioOf, type Scenario } from './scenario.js';
import { shrink } from './shrink.js';
import { runWave, type RunResult } from './wave.js';

/** Short, so that what was lost comes back soon; long enough for a busy machine to renew it. */
const LEASE_MS = 2_000;
/** The compiled file lies in dist/libs/testing/chaos. */
const packageRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');

async function wavesOf({ runs, seed, wave, backend, schedule }: ChaosOptions): Promise<Scenario[][]> {
  if (schedule !== undefined) return [JSON.parse(await readFile(schedule, 'utf8')) as Scenario[]];
  const scenarios = Array.from({ length: runs }, (_, at) => scenarioOf(seed + at, backend, LEASE_MS));
  return Array.from({ length: Math.ceil(runs / wave) }, (_, at) =>
    scenarios.slice(at * wave, (at + 1) * wave),
  );
}

/** @returns whether everything was as it must be */
async function main(): Promise<boolean> {
  const options = readOptions(process.argv.slice(2));
  const { stop } = listenForStop();
  const run = (scenarios: readonly Scenario[]) =>
    runWave(scenarios, { backend: options.backend, leaseMs: LEASE_MS, packageRoot }, stop);
  const results: RunResult[] = [];
  let sound = true;
  const started = performance.now();
  for (const scenarios of await wavesOf(options)) {
    const result = await run(scenarios);
    if (stop.aborted) return false;
    results.push(...result.runs);
    reportWave(result);
    if (result.folder === null) continue;
    sound = false;
    const failing = result.runs.filter(({ problems }) => problems.length > 0).map(({ seed }) => seed);
    const smallest = await shrink(scenarios, failing, options.shrinkMs, run);
    const file = path.join(result.folder, 'smallest.json');
    await writeFile(file, JSON.stringify(smallest, null, 2));
    reportFailure(scenarios, smallest, file, options);
  }
  reportSummary(results, performance.now() - started);
  return sound;
}

main().then(
  (sound) => process.exit(sound ? 0 : 1),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  },
);
