import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { pruneRequest, type PruneReport, type PruneRequest } from '#contracts/api/snapshots.js';
import { prune, type Pruned } from '#engine/commands/prune.command.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';

/** What is old enough to go. */
@WithRepeatableAnswers()
@Controller('api/prune')
export class PruneController extends CommandController {
  @Post()
  @HttpCode(200)
  async prune(
    @Body({ schema: pruneRequest }) { days, plan, confirm = false }: PruneRequest,
  ): Promise<PruneReport> {
    const planId = plan === undefined ? null : await this.references.planId(plan);
    return report(await prune(this.deps, { days, planId, confirm, actorId: this.actorId }), confirm);
  }
}

function report({ before, plans }: Pruned, removed: boolean): PruneReport {
  const sum = (key: 'snapshots' | 'diffs' | 'diffBytes' | 'refs') =>
    plans.reduce((total, plan) => total + plan[key], 0);
  return {
    removed,
    before: before.toISOString(),
    snapshots: sum('snapshots'),
    diffs: sum('diffs'),
    diffBytes: sum('diffBytes'),
    refs: sum('refs'),
    plans: plans.map(({ number: plan, name, snapshots, refs }) => ({ plan, name, snapshots, refs })),
  };
}
