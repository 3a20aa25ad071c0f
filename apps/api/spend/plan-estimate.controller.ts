import { Controller, Get, Inject, Param } from '@nestjs/common';
import type { PlanEstimate } from '#contracts/api/estimate.js';
import { estimateWork } from '#engine/queries/estimate-work.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { EstimateReader } from '#store/queries/estimate-reader.js';
import { References } from '../references.js';

/** What a plan may cost. */
@Controller('api/plans')
export class PlanEstimateController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(References) private readonly references: References,
    @Inject(EstimateReader) private readonly reader: EstimateReader,
  ) {}

  @Get(':plan/estimate')
  async estimate(@Param('plan') reference: string): Promise<PlanEstimate> {
    const { work, past } = await this.reader.facts(await this.references.planId(reference));
    const { prices, config } = this.runtime;
    return estimateWork({ prices, model: config.models.models.executor, past }, work);
  }
}
