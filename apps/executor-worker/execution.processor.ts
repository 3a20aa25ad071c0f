import { Inject, Injectable } from '@nestjs/common';
import type { JobPayload } from '#contracts/queue/jobs.js';
import type { ExecutorDeps } from '#engine/deps.js';
import { executeAttempt } from '#engine/work/execute-attempt.js';
import { StepBatch } from '#engine/work/step-batch.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { QueueProcessor } from '#platform/runtime/queue-processor.js';
import { EXECUTOR_DEPS } from './tokens.js';

/** Runs attempts. */
@Injectable()
export class ExecutionProcessor extends QueueProcessor {
  private readonly steps: StepBatch;

  constructor(
    @Inject(RUNTIME) runtime: Runtime,
    @Inject(EXECUTOR_DEPS) private readonly deps: ExecutorDeps,
  ) {
    super(runtime, 'execution', runtime.config.executorConcurrency);
    this.steps = new StepBatch(deps);
  }

  protected handle({ planId, id }: JobPayload, shutdown: AbortSignal): Promise<void> {
    return executeAttempt(this.deps, this.steps, { planId, attemptId: id }, shutdown);
  }
}
