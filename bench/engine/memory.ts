import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { recordOf } from '../record.js';
import type { EngineCase } from './case.js';
import { noOpPlan } from './plans.js';
import { withPlanwright, type Planwright } from './planwright-side.js';
import { fanOut } from './shape.js';

const SERVICES = ['api', 'executor-worker'];
const CONCURRENCY = 64;
/** A plan has at most so many tasks in a phase. */
const TASKS_PER_PLAN = 10_000;
/** A plan as large as those that follow: what one needs, and gives back, is no leak. */
const WARM_UP_TASKS = TASKS_PER_PLAN;
/** What is garbage has time to go. */
const REST_MS = 5_000;

const run = promisify(execFile);

/** Memory of API and worker after many tasks, by what they had when warm. */
export const memoryCase: EngineCase = async ({ ground, options, print, note }) => {
  const env = { PLANWRIGHT_EXECUTOR_CONCURRENCY: String(CONCURRENCY) };
  await withPlanwright(ground, env, async (planwright) => {
    await runTasks(planwright, WARM_UP_TASKS);
    const warm = await residentMiB(planwright);
    note(`memory, warm: ${describe(warm)}`);
    for (let left = options.tasks; left > 0; left -= TASKS_PER_PLAN)
      await runTasks(planwright, Math.min(left, TASKS_PER_PLAN));
    const after = await residentMiB(planwright);
    note(`memory, after ${options.tasks} tasks: ${describe(after)}`);
    SERVICES.forEach((service, index) => {
      const head = { suite: 'engine', case: `memory, ${service}`, backend: ground.backend, n: options.tasks };
      const baseline = `after ${WARM_UP_TASKS} tasks`;
      print(recordOf({ ...head, unit: 'MiB', baseline }, after[index] ?? NaN, warm[index] ?? NaN));
    });
  });
};

async function runTasks({ start, completed }: Planwright, count: number): Promise<void> {
  await completed(await start(noOpPlan(fanOut(count), CONCURRENCY)));
}

async function residentMiB({ pidOf }: Planwright): Promise<number[]> {
  await sleep(REST_MS);
  return Promise.all(
    SERVICES.map(async (service) => {
      const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pidOf(service))]);
      return Number(stdout) / 1024;
    }),
  );
}

function describe(sizes: readonly number[]): string {
  return SERVICES.map((service, index) => `${service} ${sizes[index]?.toFixed(0)} MiB`).join(', ');
}
