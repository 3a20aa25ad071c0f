import type { ChaosOptions } from './options.js';
import type { Scenario } from './scenario.js';
import type { RunResult, WaveResult } from './wave.js';

const say = (line: string) => process.stdout.write(`${line}\n`);
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

/** One line per run, and what went wrong. */
export function reportWave({ runs, problems, folder }: WaveResult): void {
  for (const run of runs) {
    const faults = run.injected.length === 0 ? 'no fault' : run.injected.join(', ');
    const recovery = run.recoveryMs === 0 ? '' : `; recovered in ${seconds(run.recoveryMs)}`;
    const mark = run.problems.length === 0 ? '✔' : '✖';
    say(`${mark} seed ${run.seed}: ${run.status} in ${seconds(run.tookMs)}, ${faults}${recovery}`);
    for (const problem of run.problems) say(`    ${problem}`);
  }
  for (const problem of problems) say(`✖ the stack: ${problem}`);
  if (folder !== null) say(`  Plans, logs, histories and repositories are in ${folder}.`);
}

/** How to see a failure again. */
export function reportFailure(
  scenarios: readonly Scenario[],
  smallest: readonly Scenario[],
  file: string,
  { backend }: Pick<ChaosOptions, 'backend'>,
): void {
  const [first] = scenarios;
  const again = `npm run test:chaos -- --backend ${backend}`;
  say(`  Again: ${again} --seed ${first?.seed ?? 1} --runs ${scenarios.length} --wave ${scenarios.length}`);
  if (smallest === scenarios) return;
  say(`  The smallest that failed (${again} --schedule ${file}):`);
  for (const { seed, steps } of smallest) {
    say(`    seed ${seed}`);
    for (const { after, act } of steps) say(`      after event ${after}: ${JSON.stringify(act)}`);
  }
}

/** What was done to all runs together, and how they took it. */
export function reportSummary(results: readonly RunResult[], tookMs: number): void {
  const kinds = new Map<string, number>();
  for (const kind of results.flatMap(({ injected }) => injected)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const failed = results.filter(({ problems }) => problems.length > 0);
  const slowest = results.reduce((worst, run) => Math.max(worst, run.recoveryMs), 0);
  const lines: [string, string | number][] = [
    ...[...kinds].sort(([a], [b]) => (a < b ? -1 : 1)),
    ['runs', results.length],
    ['failures', failed.length],
    ['slowest recovery', seconds(slowest)],
    ['in all', seconds(tookMs)],
    ['per run', seconds(tookMs / Math.max(1, results.length))],
  ];
  say('');
  for (const [name, value] of lines) say(`${name.padEnd(18)}${String(value).padStart(10)}`);
  if (failed.length > 0) say(`failing seeds: ${failed.map(({ seed }) => seed).join(', ')}`);
}
