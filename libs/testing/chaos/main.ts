import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BACKENDS, type BackendName } from '../queues.js';
import { scenarioOf } from './scenario.js';
import { runWave, type RunResult, type WaveResult } from './wave.js';

const USAGE = `Usage: npm run test:chaos -- [--runs N] [--seed S] [--backend ${BACKENDS.join('|')}] [--wave N]`;
const LEASE_MS = 2_000;
/** The compiled file lies in dist/libs/testing/chaos. */
const packageRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');

const say = (line: string) => process.stdout.write(`${line}\n`);

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly backend: BackendName;
  /** Runs that share a stack. */
  readonly wave: number;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      backend: { type: 'string', default: 'postgres' },
      wave: { type: 'string', default: '10' },
    },
  });
  const backend = BACKENDS.find((name) => name === values.backend);
  const [runs, seed, wave] = [values.runs, values.seed, values.wave].map(Number);
  const numbers = [runs, seed, wave].filter((number) => Number.isInteger(number) && (number ?? 0) > 0);
  if (backend === undefined || numbers.length < 3) throw new Error(USAGE);
  return { runs: runs ?? 0, seed: seed ?? 0, wave: wave ?? 0, backend };
}

async function main(): Promise<boolean> {
  const { runs, seed, backend, wave } = readOptions();
  const options = { backend, leaseMs: LEASE_MS, packageRoot };
  const results: RunResult[] = [];
  let sound = true;
  const started = performance.now();
  for (let first = seed; first < seed + runs; first += wave) {
    const count = Math.min(wave, seed + runs - first);
    const scenarios = Array.from({ length: count }, (_, at) => scenarioOf(first + at, backend, LEASE_MS));
    const result = await runWave(scenarios, options);
    report(result, first, count, backend);
    results.push(...result.runs);
    if (result.folder !== null) sound = false;
  }
  summary(results, performance.now() - started);
  return sound;
}

function report({ runs, problems, folder }: WaveResult, first: number, count: number, backend: string): void {
  for (const run of runs) {
    const faults = run.injected.length === 0 ? 'no fault' : run.injected.join(', ');
    const mark = run.problems.length === 0 ? '✔' : '✖';
    say(`${mark} seed ${run.seed}: ${run.status} in ${seconds(run.tookMs)}, ${faults}`);
    for (const problem of run.problems) say(`    ${problem}`);
  }
  for (const problem of problems) say(`✖ ${problem}`);
  if (folder === null) return;
  say(`  Everything is in ${folder}. Again, with its neighbours:`);
  say(`  npm run test:chaos -- --backend ${backend} --seed ${first} --runs ${count} --wave ${count}`);
}

function summary(results: readonly RunResult[], tookMs: number): void {
  const kinds = new Map<string, number>();
  for (const kind of results.flatMap(({ injected }) => injected)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const failures = results.filter(({ problems }) => problems.length > 0);
  say('');
  for (const [kind, count] of [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)))
    say(`${kind.padEnd(16)}${String(count).padStart(5)}`);
  say(`${'runs'.padEnd(16)}${String(results.length).padStart(5)}`);
  say(`${'failures'.padEnd(16)}${String(failures.length).padStart(5)}`);
  say(`slowest recovery ${seconds(Math.max(0, ...results.map(({ recoveryMs }) => recoveryMs)))}`);
  say(`${seconds(tookMs)} in all, ${seconds(tookMs / results.length)} per run`);
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

main().then(
  (sound) => process.exit(sound ? 0 : 1),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(2);
  },
);
