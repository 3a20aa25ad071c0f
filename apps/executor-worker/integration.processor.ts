import { Inject, Injectable } from '@nestjs/common';
import type { JobPayload } from '#contracts/queue/jobs.js';
import type { ExecutorDeps } from '#engine/deps.js';
import { integrateAttempt } from '#engine/work/integrate-attempt.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { QueueProcessor } from '#platform/runtime/queue-processor.js';
import { EXECUTOR_DEPS } from './tokens.js';

/** Lanes are short and must not wait behind agents: they have slots of their own. */
const LANES = 4;

/** Brings verified candidates onto their plan branches. */
@Injectable()
export class IntegrationProcessor extends QueueProcessor {
  constructor(
    @Inject(RUNTIME) runtime: Runtime,
    @Inject(EXECUTOR_DEPS) private readonly deps: ExecutorDeps,
  ) {
    super(runtime, 'integration', LANES);
  }

  protected handle({ planId, id }: JobPayload): Promise<void> {
    return integrateAttempt(this.deps, { planId, integrationId: id }, this.shutdown);
  }
}
