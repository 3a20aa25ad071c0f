import { Inject, Injectable } from '@nestjs/common';
import type { JobPayload } from '#contracts/queue/jobs.js';
import type { VerifierDeps } from '#engine/deps.js';
import { judgeCommit } from '#engine/work/judge-commit.js';
import { verifyCommit } from '#engine/work/verify-commit.js';
import { QueueProcessor } from '#platform/runtime/queue-processor.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { VERIFIER_DEPS } from './tokens.js';

/** Judges commits. */
@Injectable()
export class VerificationProcessor extends QueueProcessor {
  private underWay = 0;

  constructor(
    @Inject(RUNTIME) runtime: Runtime,
    @Inject(VERIFIER_DEPS) private readonly deps: VerifierDeps,
  ) {
    super(runtime, 'verification', runtime.config.verifierConcurrency);
  }

  /** Whether a commit waits for its verdict. */
  get isBusy(): boolean {
    return this.underWay > 0;
  }

  /** A job does not say what its id is of: nothing but a judgement is claimed as one. */
  protected async handle({ planId, id }: JobPayload): Promise<void> {
    this.underWay += 1;
    try {
      if (await judgeCommit(this.deps, id, this.shutdown)) return;
      await verifyCommit(this.deps, { planId, runId: id }, this.shutdown);
    } finally {
      this.underWay -= 1;
    }
  }
}
