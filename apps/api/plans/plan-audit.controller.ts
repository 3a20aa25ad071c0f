import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { PlanAudit } from '#contracts/api/audit.js';
import { auditPlan } from '#engine/archive/audit-plan.js';
import type { Facts } from '#facts/facts-adapter.js';
import { whileClientWaits } from '#platform/http/client-left.js';
import { CommandController } from '../http/command.controller.js';
import { found } from '../references.js';
import { FACTS } from '../tokens.js';
import { AuditTurns } from './audit-turns.js';

/** A plan, computed again. */
@Controller('api/plans/:plan/audit')
export class PlanAuditController extends CommandController {
  @Inject(FACTS) private readonly facts!: Facts;
  @Inject(AuditTurns) private readonly turns!: AuditTurns;

  @Get()
  async audit(
    @Param('plan') reference: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlanAudit> {
    const waits = whileClientWaits(reply);
    const planId = await this.references.planId(reference);
    const audit = await this.turns.run(planId, reference, () =>
      auditPlan({ ...this.deps, facts: this.facts }, planId, waits),
    );
    return found(audit, 'plan', reference);
  }
}
