import { Inject, Injectable } from '@nestjs/common';
import type { JobPayload } from '#contracts/queue/jobs.js';
import type { VerifierDeps } from '#engine/deps.js';
import { verifyCommit } from '#engine/work/verify-commit.js';
import { QueueProcessor } from '#platform/runtime/queue-processor.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { VERIFIER_DEPS } from './tokens.js';

/** Judges commits. */
@Injectable()
export class VerificationProcessor extends QueueProcessor {
  constructor(
    @Inject(RUNTIME) runtime: Runtime,
    @Inject(VERIFIER_DEPS) private readonly deps: VerifierDeps,
  ) {
    super(runtime, 'verification', runtime.config.verifierConcurrency);
  }

  protected handle({ planId, id }: JobPayload): Promise<void> {
    return verifyCommit(this.deps, { planId, runId: id }, this.shutdown);
  }
}
