import 'reflect-metadata';
import { createAgents } from '#agents/agents-adapter.js';
import path from 'node:path';
import { createFacts } from '#facts/facts-adapter.js';
import { openWorkspaces } from '#platform/runtime/open-workspaces.js';
import { runWorker } from '#platform/runtime/run-worker.js';
import { endOrphans } from '#sandbox/process-tree.js';
import { ExecutorWorkerModule } from './executor-worker.module.js';

/** Records of sources for maps: a plan is written now and then. */
const FACTS_MEMORY = 32 * 1024 * 1024;

// Before a workspace is given out: what a killed predecessor started may still write into it.
await endOrphans();
await runWorker('executor-worker', (runtime) => {
  const { config, workerHome, deps, sandbox, llm, spend } = runtime;
  const agents = createAgents({ command: { sandbox } });
  const workspaces = openWorkspaces({
    git: deps.git,
    settings: config.workspaces,
    worker: 'executor',
    home: workerHome,
    path: config.path,
    sandbox,
  });
  const facts = createFacts({
    disk: { folder: path.join(workerHome, 'facts') },
    maxMemoryBytes: FACTS_MEMORY,
  });
  const planner = { ...deps, llm, spend, facts };
  return ExecutorWorkerModule.with(runtime, { ...deps, agents, workspaces }, planner);
});
