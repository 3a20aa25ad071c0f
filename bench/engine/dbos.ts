import { DBOS, type WorkflowHandle } from '@dbos-inc/dbos-sdk';
import type { Run, Shape } from './shape.js';

const QUEUE = 'bench';
/** Its default of a second would be all that a chain measures. */
const POLL_MS = 5;
/** How many children a workflow enqueues at once. */
const ENQUEUE_AT_ONCE = 50;
const WORKER_CONCURRENCY = 100;

const silent = () => undefined;
const LOGGER = { info: silent, debug: silent, warn: silent, error: silent };

/** A chain or a fan-out as child workflows that a parent workflow starts through a queue. */
export function runDbosQueue(url: string, shape: Shape): Promise<Run> {
  return withDbos(url, async ({ child, registerParent, launch }) => {
    const completedAt: number[] = [];
    let startedAt = 0;
    const start = (task: number) => DBOS.startWorkflow(child, { queueName: QUEUE })(task);
    const inChain = async () => {
      startedAt = performance.now();
      for (let task = 0; task < shape.tasks.length; task += 1) {
        const handle = await start(task);
        await handle.getResult({ pollingIntervalMs: POLL_MS });
        completedAt.push(performance.now());
      }
    };
    const fannedOut = async () => {
      startedAt = performance.now();
      const handles: WorkflowHandle<number>[] = [];
      for (let first = 0; first < shape.tasks.length; first += ENQUEUE_AT_ONCE) {
        const some = shape.tasks.slice(first, first + ENQUEUE_AT_ONCE);
        handles.push(...(await Promise.all(some.map((_, offset) => start(first + offset)))));
      }
      await DBOS.waitAll(handles, { pollingIntervalMs: 10 * POLL_MS });
      const end = performance.now();
      completedAt.push(...shape.tasks.map(() => end));
    };
    const parent = registerParent(shape.measure === 'step' ? inChain : fannedOut);
    await launch();
    await parent();
    return { startedAt, completedAt };
  });
}

/** The shape as steps of one workflow, in this process: in a row, or all at once. */
export function runDbosSteps(url: string, shape: Shape): Promise<Run> {
  return withDbos(url, async ({ registerParent, launch }) => {
    const completedAt: number[] = [];
    let startedAt = 0;
    const step = async (task: number) => {
      await DBOS.runStep(() => Promise.resolve(task), { name: 'nothing' });
      completedAt.push(performance.now());
    };
    const parent = registerParent(async () => {
      startedAt = performance.now();
      if (shape.measure === 'rate') await Promise.all(shape.tasks.map((_, task) => step(task)));
      else for (let task = 0; task < shape.tasks.length; task += 1) await step(task);
    });
    await launch();
    await parent();
    return { startedAt, completedAt };
  });
}

interface Registry {
  readonly child: (task: number) => Promise<number>;
  registerParent(work: () => Promise<void>): () => Promise<void>;
  /** From here on nothing more can be registered. */
  launch(): Promise<void>;
}

/** DBOS has one global instance: it is made, and taken down with all that was registered, for each run. */
async function withDbos(url: string, work: (registry: Registry) => Promise<Run>): Promise<Run> {
  const warns = process.noDeprecation;
  // Its use of pg is deprecated, which is nothing to whoever reads the figures.
  process.noDeprecation = true;
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url, logger: LOGGER, enableOTLP: false });
  const child = DBOS.registerWorkflow((task: number) => Promise.resolve(task), { name: 'child' });
  try {
    return await work({
      child,
      registerParent: (parent) => DBOS.registerWorkflow(parent, { name: 'parent' }),
      launch: async () => {
        await DBOS.launch();
        await DBOS.registerQueue(QUEUE, {
          workerConcurrency: WORKER_CONCURRENCY,
          minPollingIntervalMs: POLL_MS,
        });
        // The dispatcher looks for new queues once a second.
        await new Promise((resolve) => setTimeout(resolve, 2_500));
      },
    });
  } finally {
    await DBOS.shutdown({ deregister: true });
    process.noDeprecation = warns === true;
  }
}
