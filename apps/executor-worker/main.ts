import '#platform/runtime/heap-growth.js';
import 'reflect-metadata';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { createAgents } from '#agents/agents-adapter.js';
import { createFacts } from '#facts/facts-adapter.js';
import { redact } from '#domain/redact.js';
import { secretsOf } from '#platform/config/secrets.js';
import { readAgentSettings } from '#platform/config/agent-settings.js';
import { openWorkspaces } from '#platform/runtime/open-workspaces.js';
import { runWorker } from '#platform/runtime/run-worker.js';
import { wallClock } from '#platform/runtime/system-clock.js';
import { endOrphans } from '#sandbox/process-tree.js';
import { ExecutorWorkerModule } from './executor-worker.module.js';

/** A conversation that is larger is trimmed: below what every model takes, with room for an answer. */
const CONTEXT_TOKENS = 150_000;
const OUTPUT_TOKENS = 16_000;
/** Records of sources, for maps and for agents that look around: neither is a verdict, which reads all of them. */
const FACTS_MEMORY = 32 * 1024 * 1024;

// Before a workspace is given out: what a killed predecessor started may still write into it.
await endOrphans();
const agentSettings = readAgentSettings();
await runWorker('executor-worker', (runtime) => {
  const { config, workerHome, deps, sandbox, llm, spend } = runtime;
  runtime.prepareRuns();
  const { git } = deps;
  const secrets = secretsOf(config);
  const facts = createFacts({
    disk: { folder: path.join(workerHome, 'facts') },
    threads: {
      script: path.join(import.meta.dirname, '../../libs/facts/extract/extract-worker.js'),
      count: availableParallelism(),
    },
    maxMemoryBytes: FACTS_MEMORY,
  });
  const agents = createAgents({
    command: { sandbox },
    claude: {
      sandbox,
      llm,
      spend,
      declarations: facts,
      blobs: (repositoryId) => git.blobs(repositoryId),
      model: config.models.models.executor,
      effort: config.models.effort,
      contextTokens: CONTEXT_TOKENS,
      outputTokens: OUTPUT_TOKENS,
      redact: (text) => redact(text, secrets),
    },
    cli: { ...agentSettings, sandbox, path: config.path, now: wallClock },
  });
  const workspaces = openWorkspaces({
    git,
    settings: config.workspaces,
    worker: 'executor',
    home: workerHome,
    path: config.path,
    sandbox,
  });
  const planner = { ...deps, llm, spend, facts };
  return ExecutorWorkerModule.with(runtime, { ...deps, agents, spend, workspaces }, planner);
});
