import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import {
  applySuggestionsRequest,
  reviewPlanRequest,
  type ApplySuggestionsRequest,
  type ReviewPlanRequest,
  type ReviewView,
  type SuggestionsOutcome,
} from '#contracts/api/reviews.js';
import { applyChosen, previewChosen } from '#engine/commands/apply-suggestions.command.js';
import { askForReview } from '#engine/commands/review-plan.command.js';
import { readReview } from '#engine/queries/read-review.js';
import { expectedRevision } from '#platform/http/if-match.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';
import { roleModel } from '../http/role-model.js';

/** What models would change of plans, and what of it a person takes. */
@WithRepeatableAnswers()
@Controller('api/plans/:plan')
export class PlanReviewsController extends CommandController {
  @Inject(RUNTIME) private readonly runtime!: Runtime;

  @Post('review')
  @HttpCode(202)
  async review(
    @Param('plan') reference: string,
    @Body({ schema: reviewPlanRequest }) body: ReviewPlanRequest,
  ): Promise<ReviewView> {
    const planId = await this.references.planId(reference);
    const { reviewType: type, targetId: target, ...choice } = body;
    const command = { planId, actorId: this.actorId, type, target, ...choice };
    const reviewer = roleModel(this.runtime.config.models, 'reviewer');
    return readReview(this.deps, planId, await askForReview(this.deps, reviewer, command));
  }

  @Get('reviews/:number')
  async read(@Param('plan') reference: string, @Param('number') number: string): Promise<ReviewView> {
    return readReview(this.deps, await this.references.planId(reference), number);
  }

  @Post('preview-suggestions')
  @HttpCode(200)
  async preview(
    @Param('plan') reference: string,
    @Body({ schema: applySuggestionsRequest }) body: ApplySuggestionsRequest,
  ): Promise<SuggestionsOutcome> {
    const planId = await this.references.planId(reference);
    return toView(await previewChosen(this.deps, { planId, ...chosenBy(body) }));
  }

  @Post('apply-suggestions')
  @HttpCode(200)
  async apply(
    @Param('plan') reference: string,
    @Body({ schema: applySuggestionsRequest }) body: ApplySuggestionsRequest,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<SuggestionsOutcome> {
    const planId = await this.references.planId(reference);
    const command = { planId, actorId: this.actorId, ...chosenBy(body), ...expectedRevision(ifMatch) };
    return toView(await applyChosen(this.deps, command));
  }
}

function chosenBy({ iterationId: review, suggestionIndices: indices }: ApplySuggestionsRequest) {
  return { review, indices };
}

function toView(outcome: Awaited<ReturnType<typeof applyChosen>>): SuggestionsOutcome {
  const { applied, already, refused, changes } = outcome;
  return {
    ...outcome,
    applied: [...applied],
    already: [...already],
    refused: [...refused],
    changes: [...changes],
  };
}
