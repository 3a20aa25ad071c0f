import { Inject, Injectable } from '@nestjs/common';
import type { JobPayload } from '#contracts/queue/jobs.js';
import type { ExecutorDeps } from '#engine/deps.js';
import { AttemptRunner } from '#engine/work/attempt-runner.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { QueueProcessor } from '#platform/runtime/queue-processor.js';
import { EXECUTOR_DEPS } from './tokens.js';

/** Runs attempts. */
@Injectable()
export class ExecutionProcessor extends QueueProcessor {
  private readonly runner: AttemptRunner;

  constructor(@Inject(RUNTIME) runtime: Runtime, @Inject(EXECUTOR_DEPS) deps: ExecutorDeps) {
    const slots = runtime.config.executorConcurrency;
    super(runtime, 'execution', slots);
    this.runner = new AttemptRunner(deps, slots, this.shutdown);
  }

  protected handle({ planId, id }: JobPayload): Promise<void> {
    return this.runner.deliver({ planId, attemptId: id });
  }

  protected override settled(): Promise<void> {
    return this.runner.idle();
  }
}
