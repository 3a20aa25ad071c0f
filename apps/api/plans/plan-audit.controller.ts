import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { PlanAudit } from '#contracts/api/audit.js';
import { auditPlan } from '#engine/archive/audit-plan.js';
import type { Facts } from '#facts/facts-adapter.js';
import { CommandController } from '../http/command.controller.js';
import { found } from '../references.js';
import { FACTS } from '../tokens.js';

/** A plan, computed again. */
@Controller('api/plans/:plan/audit')
export class PlanAuditController extends CommandController {
  @Inject(FACTS) private readonly facts!: Facts;

  @Get()
  async audit(
    @Param('plan') reference: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlanAudit> {
    const planId = await this.references.planId(reference);
    const left = new AbortController();
    // Whoever left wants no answer: judging may take a while.
    reply.raw.once('close', () => left.abort());
    const audit = await auditPlan({ ...this.deps, facts: this.facts }, planId, left.signal);
    return found(audit, 'plan', reference);
  }
}
