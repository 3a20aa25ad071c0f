import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { PlanAudit } from '#contracts/api/audit.js';
import { DomainError } from '#domain/domain-error.js';
import { auditPlan } from '#engine/archive/audit-plan.js';
import type { Facts } from '#facts/facts-adapter.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { CommandController } from '../http/command.controller.js';
import { References } from '../references.js';
import { DECLARATIONS, OWNER_ID } from '../tokens.js';

/** A plan, computed again. */
@Controller('api/plans/:plan/audit')
export class PlanAuditController extends CommandController {
  constructor(
    @Inject(RUNTIME) runtime: Runtime,
    @Inject(References) references: References,
    @Inject(OWNER_ID) actorId: string,
    @Inject(DECLARATIONS) private readonly facts: Facts,
  ) {
    super(runtime, references, actorId);
  }

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
    if (audit === null) throw new DomainError('not_found', `There is no plan ${reference}.`);
    return audit;
  }
}
