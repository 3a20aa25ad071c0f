import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  finishPlanRequest,
  previewDeliveryQuery,
  type DeliveryList,
  type DeliveryPreviewView,
  type DeliveryView,
  type FinishPlanRequest,
  type PreviewDeliveryQuery,
} from '#contracts/api/deliveries.js';
import { optionalBody } from '#contracts/api/edit.js';
import { finishPlan } from '#engine/commands/finish-plan.command.js';
import { previewDelivery } from '#engine/queries/preview-delivery.js';
import { DeliveryReader } from '#store/queries/delivery-reader.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';
import { found } from '../references.js';

/** The way of a plan to its target branch. */
@WithRepeatableAnswers()
@Controller('api/plans/:plan')
export class PlanDeliveriesController extends CommandController {
  @Inject(DeliveryReader) private readonly deliveries!: DeliveryReader;

  @Get('delivery')
  async preview(
    @Param('plan') reference: string,
    @Query({ schema: previewDeliveryQuery }) { target }: PreviewDeliveryQuery,
  ): Promise<DeliveryPreviewView> {
    const planId = await this.references.planId(reference);
    const { touches, conflicts, ...seen } = await previewDelivery(this.deps, { planId, target });
    return { ...seen, touches: [...touches], conflicts: [...conflicts] };
  }

  @Post('finish')
  @HttpCode(202)
  async finish(
    @Param('plan') reference: string,
    @Body({ schema: optionalBody(finishPlanRequest) }) body: FinishPlanRequest,
  ): Promise<DeliveryView> {
    const planId = await this.references.planId(reference);
    const id = await finishPlan(this.deps, { planId, actorId: this.actorId, ...body });
    return found(await this.deliveries.delivery(id), 'delivery', id);
  }

  @Get('deliveries')
  async list(@Param('plan') reference: string): Promise<DeliveryList> {
    return { items: await this.deliveries.ofPlan(await this.references.planId(reference)) };
  }

  @Get('deliveries/:number')
  async read(@Param('plan') reference: string, @Param('number') number: string): Promise<DeliveryView> {
    const { items } = await this.list(reference);
    return found(items.find((each) => String(each.number) === number) ?? null, 'delivery', number);
  }
}
