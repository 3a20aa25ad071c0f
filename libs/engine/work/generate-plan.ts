import { DecisionBuilder } from '#domain/plan/decision.js';
import { decideGenerated, decideGenerationFailed } from '#domain/plan/decisions/generation.js';
import { draftChanges, edgeChanges } from '#domain/plan/draft.js';
import { lookAtBase } from '../commands/look-at-base.js';
import { checkSupersedes } from '../commands/check-supersedes.js';
import { checkEffects } from '../executors.js';
import { askForPlan, type AskedPlan, type PlannerDeps } from '../generation/ask-for-plan.js';
import { generatedDraft } from '../generation/generated-draft.js';
import { generationRequest } from '../generation/request.js';
import { countColours } from '../generation/specs-on-base.js';
import { paidLlm } from '../model/paid-llm.js';
import type { FinishedIteration, IterationOrder } from '../ports/iteration.port.js';
import type { PlanTx } from '../ports/store.port.js';
import { workIteration, type IterationInHand } from './iteration-work.js';

/** One delivery of a generation: a model writes the plan, and the whole of it is stored at once. */
export function generatePlan(deps: PlannerDeps, id: string, shutdown: AbortSignal): Promise<void> {
  return workIteration(
    deps,
    {
      kind: 'generate',
      carryOut: (inHand) => carryOut(deps, inHand),
      failed: async (tx, { number, actorId }, message) => {
        if (tx.plan.status !== 'generating') return;
        await tx.apply(decideGenerationFailed(tx.plan, { iteration: number, message }), actorId);
      },
    },
    id,
    shutdown,
  );
}

async function carryOut(deps: PlannerDeps, inHand: IterationInHand): Promise<void> {
  const { order, signal } = inHand;
  const request = generationRequest.parse(order.request);
  let place: { repositoryId: string; base: string } | null = null;
  const tell = (type: string, payload: Readonly<Record<string, unknown>> = {}): Promise<void> =>
    inHand.write(async (tx) => {
      const { repositoryId, baseCommit: base } = tx.plan;
      place = { repositoryId, base };
      const event = { iteration: order.number, ...payload };
      await tx.apply(new DecisionBuilder(tx.plan).event(type, event).done(), order.actorId);
    });
  await tell('generation.started', { model: request.model, effort: request.effort, claim: order.token });
  if (place === null) throw new Error('the plan is not known');
  const llm = paidLlm(deps, order, 'planner', signal);
  const asked = await askForPlan({ ...deps, llm }, { request, signal, tell, ...(place as Place) });
  await inHand.succeed((tx) => store(deps, tx, order, asked));
}

interface Place {
  readonly repositoryId: string;
  readonly base: string;
}

/** Everything of the plan in one transaction: who lost the iteration writes nothing of it. */
async function store(
  deps: PlannerDeps,
  tx: PlanTx,
  { number: iteration, actorId }: IterationOrder,
  { resolved, judged, answer }: AskedPlan,
): Promise<Omit<FinishedIteration, 'id' | 'token' | 'status'>> {
  const { draft: before, nextTaskNumber } = await tx.draft();
  const after = generatedDraft(before, resolved, { ids: deps.ids, firstNumber: nextTaskNumber });
  checkEffects(after);
  checkSupersedes(after);
  const changes = draftChanges(before, after);
  const tasks = after.phases.reduce((sum, phase) => sum + phase.tasks.length, 0);
  const summary = `Plan generated: ${after.phases.length} phases, ${tasks} tasks`;
  const edges = edgeChanges(before, after);
  await tx.saveDraft({ before, after, edges, changes, summary, actorId, ofIteration: true });
  const specs = countColours(judged);
  await tx.apply(decideGenerated(tx.plan, { iteration, phases: after.phases.length, tasks, specs }), actorId);
  const numbers = new Map(
    after.phases.flatMap((phase) => phase.tasks.map((task) => [task.key, task.number])),
  );
  const builder = new DecisionBuilder(tx.plan);
  for (const { key, title, hash, colour } of judged) {
    if (colour === null) continue;
    await tx.markSpecs(hash, colour);
    if (colour === 'green' || colour === 'undecided')
      builder.event(`spec.${colour}_on_base`, { task: numbers.get(key), title });
  }
  await tx.apply(builder.done(), actorId);
  await lookAtBase(deps, tx);
  return { summary, changes, result: answer };
}
