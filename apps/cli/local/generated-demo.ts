import { readFile } from 'node:fs/promises';
import type { IterationView } from '#contracts/api/iterations.js';
import type { PlanView } from '#contracts/api/plans.js';
import type { ReviewView, SuggestionsOutcome } from '#contracts/api/reviews.js';
import { untilReviewed } from '../commands/reviews.js';
import { followGeneration } from '../follow-generation.js';
import { renderCost, tokens, usd } from '../render/cost.js';
import { renderPlan } from '../render/plan-tree.js';
import { suggestionLines } from '../render/suggestions.js';
import { SCRIPTED_DEMO } from './demo-repository.js';
import type { DemoRun, DemoTold } from './demo-run.js';

/** The suggestions that the demo takes, of those that the reviewer has. */
const TAKEN = [0, 1];

/** What one role of a model used. */
interface RoleCost {
  readonly role: 'planner' | 'reviewer' | 'executor';
  readonly usd: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A plan that a model writes, reviews and carries out. What does not get so far is told as it is. */
export async function generatedDemo(run: DemoRun): Promise<DemoTold> {
  const written = await generated(run);
  if (written.status !== 'ready' || run.signal.aborted) return told(run, written, null, null);
  const review = await reviewed(run, written);
  if (review.status !== 'succeeded' || run.signal.aborted) return told(run, written, review, null);
  const outcome = await applied(run, written, review);
  const taken = await run.client.review(written.id, review.number);
  return told(run, await run.carryOut(written.id), taken, outcome);
}

async function generated({ client, repository, view, colours, signal }: DemoRun): Promise<PlanView> {
  const [heading = '', ...rest] = (await readFile(SCRIPTED_DEMO.request, 'utf8')).split('\n');
  const title = heading.replace(/^# /, '');
  const description = rest.join('\n').trim();
  view.print(`${colours.bold('Asked for')} ${title}`);
  const asked = await client.generatePlan({ repository, title, description });
  const plan = await followGeneration(client, asked, (line) => view.print(`  ${line}`), signal);
  for (const line of renderPlan(plan, Date.now(), colours)) view.print(line);
  return plan;
}

async function reviewed({ client, view, colours, signal }: DemoRun, plan: PlanView): Promise<ReviewView> {
  const asked = await client.askForReview(plan.id, { reviewType: 'refine_descriptions' });
  const review = await untilReviewed(client, plan.id, asked.number, signal);
  view.print('');
  view.print(
    `${colours.bold('Reviewed')} by ${review.model}: ${review.message ?? `${review.suggestions.length} suggestions`}`,
  );
  for (const line of review.suggestions.flatMap(suggestionLines)) view.print(`  ${line}`);
  return review;
}

async function applied(
  { client, view, colours }: DemoRun,
  plan: PlanView,
  { number: iterationId, suggestions }: ReviewView,
): Promise<SuggestionsOutcome> {
  const outcome = await client.applySuggestions(plan.id, { iterationId, suggestionIndices: TAKEN });
  const { applied: taken, refused, revision } = outcome;
  view.print(
    `${colours.green('Applied')} ${taken.length} of ${suggestions.length}: the plan is at revision ${revision}.`,
  );
  for (const { index, reason } of refused) view.print(colours.yellow(`Left out: ${index}  ${reason}`));
  view.print('');
  return outcome;
}

async function told(
  { client, signal }: DemoRun,
  plan: PlanView,
  review: ReviewView | null,
  outcome: SuggestionsOutcome | null,
): Promise<DemoTold> {
  const iterations = signal.aborted ? [] : await client.iterations(plan.id);
  const roles = rolesOf(plan, iterations);
  const json = { plan, review, applied: outcome?.applied ?? [], cost: { total: plan.cost ?? null, roles } };
  const lines = roles.map(
    ({ role, ...cost }) =>
      `  ${role.padEnd(8)}  ${usd(cost.usd)}: ${tokens(cost.inputTokens)} tokens in, ${tokens(cost.outputTokens)} out`,
  );
  return { plan, json, lines: [...renderCost(plan), ...lines] };
}

/** Plans and reviews are iterations of a plan, attempts belong to its tasks: each has its own cost. */
function rolesOf(plan: PlanView, iterations: readonly IterationView[]): RoleCost[] {
  const of = (kind: string): Omit<RoleCost, 'role'>[] =>
    iterations
      .filter((each) => each.kind === kind)
      .map(({ costUsd, tokens: { input, cacheWrite, cacheRead, output } }) => ({
        usd: costUsd,
        inputTokens: input + cacheWrite + cacheRead,
        outputTokens: output,
      }));
  const work = plan.phases.flatMap(({ tasks }) =>
    tasks.flatMap(({ cost }) =>
      cost === undefined
        ? []
        : [{ ...cost, inputTokens: cost.inputTokens + cost.cacheWriteTokens + cost.cacheReadTokens }],
    ),
  );
  return [
    { role: 'planner', ...sum(of('generate')) },
    { role: 'reviewer', ...sum(of('review')) },
    { role: 'executor', ...sum(work) },
  ];
}

function sum(costs: readonly Omit<RoleCost, 'role'>[]): Omit<RoleCost, 'role'> {
  const total = (field: keyof Omit<RoleCost, 'role'>): number =>
    costs.reduce((so, cost) => so + cost[field], 0);
  // Amounts are whole millionths: what adding them as fractions leaves behind goes.
  return {
    usd: Math.round(total('usd') * 1e6) / 1e6,
    inputTokens: total('inputTokens'),
    outputTokens: total('outputTokens'),
  };
}
