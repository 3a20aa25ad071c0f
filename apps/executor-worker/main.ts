import 'reflect-metadata';
import { createAgents } from '#agents/agents-adapter.js';
import { runWorker } from '#platform/runtime/run-worker.js';
import { endOrphans } from '#sandbox/process-tree.js';
import { ExecutorWorkerModule } from './executor-worker.module.js';

// Before a workspace is given out: what a killed predecessor started may still write into it.
await endOrphans();
await runWorker('executor-worker', (runtime) => {
  const agents = createAgents({ command: { sandbox: runtime.sandbox } });
  return ExecutorWorkerModule.with(runtime, { ...runtime.deps, agents });
});
