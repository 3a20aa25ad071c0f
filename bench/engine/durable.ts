import { quantileOf, recordOf } from '../record.js';
import { runBareLoop } from './bare-loop.js';
import { bestOf, WIDTHS } from './best-of.js';
import type { EngineCase } from './case.js';
import { runDbosQueue, runDbosSteps } from './dbos.js';
import type { Ground } from './ground.js';
import { noOpPlan } from './plans.js';
import { runOf, withPlanwright } from './planwright-side.js';
import { runBullMq } from './raw-bullmq.js';
import { chain, fanOut, layers, measureOf, type Run, type Shape } from './shape.js';

/** Tasks at once, of a plan and in the executor-worker. */
const CONCURRENCY = 64;
const BULLMQ_WIDTHS = [4, 8, 16, 32];
const WARM_UP = fanOut(300);
const SAMPLE = fanOut(1_000);

interface Side {
  readonly name: string;
  run(): Promise<Run>;
}

export const chainCase = durableCase(() => chain(200), 3);
export const fanOut1000Case = durableCase(() => fanOut(1_000), 3);
export const fanOut10000Case = durableCase(() => fanOut(10_000), 1);
export const layersCase = durableCase(() => layers(10, 1_000, 3), 1);

/** A case on tasks that do nothing: all sides in turns, and the median of so many rounds. */
function durableCase(shapeOf: () => Shape, rounds: number): EngineCase {
  return async ({ ground, print, note }) => {
    const shape = shapeOf();
    const sides = [
      ...(await baselinesOf(ground, shape)),
      { name: 'planwright', run: () => ours(ground, shape) },
    ];
    const unit = shape.measure === 'step' ? 'ms' : 'tasks/s';
    const measures = new Map<string, number[]>(sides.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const side of sides) {
        const measure = measureOf(shape, await side.run());
        measures.get(side.name)?.push(measure);
        note(`${shape.name}, ${side.name}: ${measure.toFixed(2)} ${unit}`);
      }
    }
    const medianOf = (name: string) => quantileOf(measures.get(name) ?? [], 0.5);
    const head = { suite: 'engine', case: shape.name, backend: ground.backend, unit } as const;
    for (const { name } of sides) {
      if (name === 'planwright') continue;
      const n = shape.tasks.length * rounds;
      print(recordOf({ ...head, n, baseline: name }, medianOf('planwright'), medianOf(name)));
    }
  };
}

function ours(ground: Ground, shape: Shape): Promise<Run> {
  const env = { PLANWRIGHT_EXECUTOR_CONCURRENCY: String(CONCURRENCY) };
  return withPlanwright(ground, env, async (planwright) => {
    await planwright.completed(await planwright.start(noOpPlan(WARM_UP, CONCURRENCY)));
    const events = await planwright.completed(await planwright.start(noOpPlan(shape, CONCURRENCY)));
    return runOf(events);
  });
}

async function baselinesOf(ground: Ground, shape: Shape): Promise<Side[]> {
  const inChain = shape.measure === 'step';
  const bare = async (of: Shape, connections: number) =>
    runBareLoop(await ground.emptyDatabase('bench_bare'), of, connections);
  const jobs = (of: Shape, concurrency: number) => runBullMq(ground, of, concurrency);
  const rateOf = async (run: Promise<Run>) => measureOf(SAMPLE, await run);
  const connections = inChain ? 1 : await bestOf(WIDTHS, (width) => rateOf(bare(SAMPLE, width)));
  const atOnce = inChain ? 1 : await bestOf(BULLMQ_WIDTHS, (width) => rateOf(jobs(SAMPLE, width)));
  const sides: Side[] = [
    { name: `bare loop, ${connections} at once`, run: () => bare(shape, connections) },
    { name: `bullmq, ${atOnce} at once`, run: () => jobs(shape, atOnce) },
  ];
  if (shape.name === 'layers') return sides;
  const database = () => ground.emptyDatabase('bench_dbos');
  return [
    ...sides,
    { name: 'dbos, queued child workflows', run: async () => runDbosQueue(await database(), shape) },
    { name: 'dbos, steps in one process', run: async () => runDbosSteps(await database(), shape) },
  ];
}
