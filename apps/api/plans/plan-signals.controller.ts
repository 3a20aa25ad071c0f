import { Body, Controller, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { sendSignalRequest, type SendSignalRequest, type SignalView } from '#contracts/api/signals.js';
import { sendSignal } from '#engine/commands/send-signal.command.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';

/** Events from outside that tasks wait for. */
@WithRepeatableAnswers()
@Controller('api/plans/:plan/signals')
export class PlanSignalsController extends CommandController {
  @Post()
  async send(
    @Param('plan') reference: string,
    @Body({ schema: sendSignalRequest }) { name, data = null }: SendSignalRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignalView> {
    const planId = await this.references.planId(reference);
    const { actorId } = this;
    const { signal, isNew } = await sendSignal(this.deps, { planId, actorId, name, data });
    void reply.status(isNew ? 201 : 200);
    return { ...signal, createdAt: signal.createdAt.toISOString() };
  }
}
