import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  waiveContractRequest,
  type ContractList,
  type ContractView,
  type WaiveContractRequest,
} from '#contracts/api/contracts.js';
import type { Contract } from '#domain/plan/contracts.js';
import { waiveContract } from '#engine/commands/waive-contract.command.js';
import { contractsOf } from '#engine/verification/finished-tasks.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';

/** What finished tasks proved. */
@WithRepeatableAnswers()
@Controller('api/plans/:plan/contracts')
export class PlanContractsController extends CommandController {
  @Get()
  async list(@Param('plan') reference: string): Promise<ContractList> {
    return this.contracts(await this.references.planId(reference));
  }

  @Post('waive')
  @HttpCode(202)
  async waive(
    @Param('plan') reference: string,
    @Body({ schema: waiveContractRequest }) body: WaiveContractRequest,
  ): Promise<ContractList> {
    const planId = await this.references.planId(reference);
    await waiveContract(this.deps, { planId, actorId: this.actorId, ...body });
    return this.contracts(planId);
  }

  private async contracts(planId: string): Promise<ContractList> {
    return { items: contractsOf(await this.deps.store.finishedWork(planId)).map(toView) };
  }
}

function toView({ name, task, of, end }: Contract): ContractView {
  return {
    name,
    task: task.number,
    title: task.title,
    kind: 'rule' in of ? 'rule' : 'check',
    commit: task.commit,
    since: task.completedAt.toISOString(),
    state: end?.kind ?? 'standing',
    supersededBy: end?.kind === 'superseded' ? end.task : null,
    waived: end?.kind === 'waived' ? { actor: end.actor, note: end.note, at: end.at.toISOString() } : null,
  };
}
