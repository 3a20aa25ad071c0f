import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PACKAGE_ROOT, withApi } from './api-stack.js';
import { truePlan } from './engine/plans.js';
import { compare, timed, type BenchRecord } from './record.js';
import { runNode } from './run-node.js';

const CLI = path.join(PACKAGE_ROOT, 'dist/apps/cli/main.js');
const ROUNDS = 25;

const TASKS_OF_FILE = 200;

interface Given {
  readonly plan: string;
  readonly repository: string;
  /** A plan file. */
  readonly file: string;
}

/** Verbs that are measured. */
const VERBS: Readonly<Record<string, (given: Given) => readonly string[]>> = {
  '--help': () => ['--help'],
  init: ({ repository }) => ['init', '--name', 'Bench', '--repo', repository],
  show: ({ plan }) => ['show', plan],
  list: () => ['list'],
  'add-task': ({ plan }) => ['add-task', plan, '--title', 'One more', '--command', 'true'],
  run: ({ file, repository }) => ['run', file, '--repo', repository, '--detach'],
};

/** Whole processes, from start to exit, with a warm server, against a node that does nothing. */
export async function cliSuite(print: (record: BenchRecord) => void, only: readonly string[]): Promise<void> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'planwright-bench-'));
  try {
    await withApi(async ({ url, token, repository, createPlan }) => {
      const { number } = await createPlan(20);
      const file = path.join(scratch, 'plan.yaml');
      await writeFile(file, truePlan('sequential', TASKS_OF_FILE));
      const given = { plan: String(number), repository, file };
      const run = (args: readonly string[]) =>
        runNode([CLI, ...args], scratch, { PLANWRIGHT_URL: url, PLANWRIGHT_TOKEN: token });
      for (const [verb, args] of Object.entries(VERBS)) {
        if (only.length > 0 && !only.includes(verb)) continue;
        const work = () => run(args(given));
        print(await measure(verb, work, scratch));
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
