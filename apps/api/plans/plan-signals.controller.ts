import { Body, Controller, Inject, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { sendSignalRequest, type SendSignalRequest, type SignalView } from '#contracts/api/signals.js';
import { sendSignal } from '#engine/commands/send-signal.command.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { References } from '../references.js';
import { OWNER_ID } from '../tokens.js';

/** Events from outside that tasks wait for. */
@WithRepeatableAnswers()
@Controller('api/plans/:plan/signals')
export class PlanSignalsController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(References) private readonly references: References,
    @Inject(OWNER_ID) private readonly actorId: string,
  ) {}

  @Post()
  async send(
    @Param('plan') reference: string,
    @Body({ schema: sendSignalRequest }) { name, data = null }: SendSignalRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignalView> {
    const planId = await this.references.planId(reference);
    const { actorId } = this;
    const { signal, isNew } = await sendSignal(this.runtime.deps, { planId, actorId, name, data });
    void reply.status(isNew ? 201 : 200);
    return { ...signal, createdAt: signal.createdAt.toISOString() };
  }
}
