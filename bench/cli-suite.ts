import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PACKAGE_ROOT, withApi } from './api-stack.js';
import { compare, timed, type BenchRecord } from './record.js';
import { runNode } from './run-node.js';

const CLI = path.join(PACKAGE_ROOT, 'dist/apps/cli/main.js');
const ROUNDS = 15;

/** Verbs that are measured; one that this build does not have is left out. */
const VERBS: Readonly<Record<string, (plan: string) => readonly string[]>> = {
  list: () => ['list'],
  show: (plan) => ['show', plan],
  'add-task': (plan) => ['add-task', plan, '--title', 'One more', '--command', 'true'],
  init: () => ['init'],
};

/** Whole processes, from start to exit, with a warm server, against a node that does nothing. */
export async function cliSuite(print: (record: BenchRecord) => void, only: readonly string[]): Promise<void> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'planwright-bench-'));
  try {
    await withApi(async ({ url, token, createPlan }) => {
      const { number } = await createPlan(20);
      const run = (args: readonly string[]) =>
        runNode([CLI, ...args], scratch, { PLANWRIGHT_URL: url, PLANWRIGHT_TOKEN: token });
      const help = await run(['--help']);
      const cases: [string, readonly string[]][] = [['--help', ['--help']]];
      for (const [verb, args] of Object.entries(VERBS)) {
        if (new RegExp(`^  ${verb}\\b`, 'm').test(help)) cases.push([verb, args(String(number))]);
      }
      for (const [name, args] of cases) {
        if (only.length === 0 || only.includes(name)) print(await measure(name, () => run(args), scratch));
      }
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function measure(name: string, run: () => Promise<unknown>, scratch: string): Promise<BenchRecord> {
  const own: number[] = [];
  const baseline: number[] = [];
  await run();
  for (let round = 0; round < ROUNDS; round += 1) {
    own.push(await timed(run));
    baseline.push(await timed(() => runNode(['-e', '0'], scratch, {})));
  }
  const head = { suite: 'cli', case: `planwright ${name}, p50`, backend: 'node' };
  return compare({ ...head, baseline: 'node -e 0' }, 0.5, own, baseline);
}
