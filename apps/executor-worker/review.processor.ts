import { Inject, Injectable } from '@nestjs/common';
import type { JobPayload } from '#contracts/queue/jobs.js';
import type { PlannerDeps } from '#engine/generation/ask-for-plan.js';
import { reviewPlan } from '#engine/work/review-plan.js';
import { QueueProcessor } from '#platform/runtime/queue-processor.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { PLANNER_DEPS } from './tokens.js';

/** They wait for a model, and need little of the machine. */
const AT_ONCE = 2;

/** Has models review plans. */
@Injectable()
export class ReviewProcessor extends QueueProcessor {
  constructor(
    @Inject(RUNTIME) runtime: Runtime,
    @Inject(PLANNER_DEPS) private readonly deps: PlannerDeps,
  ) {
    super(runtime, 'review', AT_ONCE);
  }

  protected handle({ id }: JobPayload): Promise<void> {
    return reviewPlan(this.deps, id, this.shutdown);
  }
}
