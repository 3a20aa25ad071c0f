import '#platform/runtime/heap-growth.js';
import 'reflect-metadata';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { createChecks } from '#checks/checks-adapter.js';
import { createFacts } from '#facts/facts-adapter.js';
import { openWorkspaces } from '#platform/runtime/open-workspaces.js';
import { runWorker } from '#platform/runtime/run-worker.js';
import { endOrphans } from '#sandbox/process-tree.js';
import { PostgresLedger } from '#store/ledger.js';
import { VerifierWorkerModule } from './verifier-worker.module.js';

// Before a workspace is given out: what a killed predecessor started may still write into it.
await endOrphans();
await runWorker('verifier-worker', (runtime) => {
  const { config, workerHome, deps, sandbox, sql } = runtime;
  const checks = createChecks({ sandbox, path: config.path });
  const ledger = new PostgresLedger(sql);
  const workspaces = openWorkspaces({
    git: deps.git,
    settings: config.workspaces,
    worker: 'verifier',
    home: workerHome,
    path: config.path,
    sandbox,
  });
  const script = path.join(import.meta.dirname, '../../libs/facts/extract/extract-worker.js');
  const facts = createFacts({
    disk: { folder: path.join(workerHome, 'facts') },
    threads: { script, count: availableParallelism() },
  });
  return VerifierWorkerModule.with(runtime, { ...deps, workspaces, facts, checks, ledger });
});
