import 'reflect-metadata';
import { createAgents } from '#agents/agents-adapter.js';
import { readAgentSettings } from '#platform/config/agent-settings.js';
import { openWorkspaces } from '#platform/runtime/open-workspaces.js';
import { runWorker } from '#platform/runtime/run-worker.js';
import { wallClock } from '#platform/runtime/system-clock.js';
import { endOrphans } from '#sandbox/process-tree.js';
import { ExecutorWorkerModule } from './executor-worker.module.js';

// Before a workspace is given out: what a killed predecessor started may still write into it.
await endOrphans();
const agentSettings = readAgentSettings();
await runWorker('executor-worker', (runtime) => {
  const { config, workerHome, deps, sandbox } = runtime;
  const { path } = config;
  const agents = createAgents({
    command: { sandbox },
    cli: { ...agentSettings, sandbox, path, now: wallClock },
  });
  const workspaces = openWorkspaces({
    git: deps.git,
    settings: config.workspaces,
    worker: 'executor',
    home: workerHome,
    path,
    sandbox,
  });
  return ExecutorWorkerModule.with(runtime, { ...deps, agents, workspaces });
});
