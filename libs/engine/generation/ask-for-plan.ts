import type { ResolvedPlan } from '#contracts/plan/resolve-plan.js';
import type { ModelDeps } from '../model/paid-llm.js';
import { askStructured, StructuredFailure } from '../model/structured.js';
import type { DeclarationsPort } from '../ports/declarations.port.js';
import type { FactsPort } from '../ports/facts.port.js';
import type { GitPort } from '../ports/git.port.js';
import { ModelFailure, type LlmPort, type ModelCall, type ModelMessage } from '../ports/llm.port.js';
import { BudgetExceeded } from '../ports/spend.port.js';
import { IterationFailed } from '../work/iteration-work.js';
import {
  planAnswer,
  planOf,
  problemsOfPlan,
  problemsOfSpecs,
  specsAnswer,
  withSpecs,
  type PlanAnswer,
} from './plan-answer.js';
import { PLANNER_SYSTEM, planningMessage, specsMessage } from './prompts.js';
import { mapRepository } from './repository-map/repository-map.js';
import type { GenerationRequest } from './request.js';
import { countColours, judgeSpecs, wantingSpecs, type JudgedSpec } from './specs-on-base.js';

/** Tokens of a map: as much as a model reads without losing the request in it. */
const MAP_TOKENS = 24_000;
const MAX_OUTPUT_TOKENS = 32_000;

export interface PlannerDeps extends ModelDeps {
  readonly git: GitPort;
  readonly facts: FactsPort & DeclarationsPort;
}

/** What is asked, where, and who is told how it goes. */
export interface PlanAsk {
  readonly request: GenerationRequest;
  readonly repositoryId: string;
  readonly base: string;
  readonly signal: AbortSignal;
  readonly tell: (event: string, payload?: Readonly<Record<string, unknown>>) => Promise<void>;
}

export interface AskedPlan {
  readonly answer: PlanAnswer;
  readonly resolved: ResolvedPlan & { readonly ok: true };
  /** How its specs stand, after those that proved nothing were sent back. */
  readonly judged: readonly JudgedSpec[];
}

/**
 * Has a model write a plan: maps the repository, asks, and sends specs back once that prove nothing on the base. Equal
 * answers of the model lead to equal further calls, so that a worker that takes over need not repeat what was answered.
 *
 * @throws IterationFailed with the text that could not be used; ModelFailure; BudgetExceeded
 */
export async function askForPlan(deps: PlannerDeps, ask: PlanAsk): Promise<AskedPlan> {
  const { request, base, tell } = ask;
  const map = await mapOf(deps, ask);
  await tell('generation.mapped', { tokens: map.tokens, limit: MAP_TOKENS, left: map.left });
  const messages = [said('user', planningMessage(request, { commit: base, map: map.text }))];
  const first = await askOnce(deps.llm, ask, messages);
  const { answer } = first;
  const tasks = answer.phases.reduce((sum, phase) => sum + phase.tasks.length, 0);
  if (first.repaired) await tell('generation.repaired');
  await tell('generation.answered', { phases: answer.phases.length, tasks });
  const judged = await judgeSpecs(deps, planOf(answer, request), ask);
  const wanting = wantingSpecs(judged);
  await tell('generation.specs_checked', { ...countColours(judged), sentBack: wanting.length });
  if (wanting.length === 0) return { answer, resolved: planOf(answer, request), judged };
  const conversation = [...messages, said('assistant', JSON.stringify(answer))];
  const mended = await mendSpecs(deps, ask, { answer, wanting, conversation });
  if (mended === null) return { answer, resolved: planOf(answer, request), judged };
  const resolved = planOf(mended, request);
  const again = await judgeSpecs(deps, resolved, ask);
  await tell('generation.specs_checked', { ...countColours(again), sentBack: 0 });
  return { answer: mended, resolved, judged: again };
}

function mapOf(deps: PlannerDeps, ask: PlanAsk): ReturnType<typeof mapRepository> {
  const { request, repositoryId, base, signal } = ask;
  const source = deps.git.blobs(repositoryId);
  const { title, description, model, effort } = request;
  return mapRepository(
    { source, declarations: deps.facts },
    { commit: base, title, description, budget: MAP_TOKENS },
    (text) =>
      deps.llm.count({
        model,
        effort,
        system: '',
        messages: [said('user', text)],
        tools: [],
        outputSchema: null,
        signal,
      }),
  );
}

async function askOnce(
  llm: LlmPort,
  ask: PlanAsk,
  messages: readonly ModelMessage[],
): Promise<{ readonly answer: PlanAnswer; readonly repaired: boolean }> {
  try {
    const { value, texts } = await askStructured({
      llm,
      call: callOf(ask, messages),
      schema: planAnswer,
      check: (answer) => problemsOfPlan(answer, ask.request),
    });
    return { answer: value, repaired: texts.length > 1 };
  } catch (error) {
    if (!(error instanceof StructuredFailure)) throw error;
    throw new IterationFailed(error.message, error.texts.join('\n\n'));
  }
}

/**
 * The answer with new specs for those that prove nothing; null where none came. A plan that was paid for is not lost
 * for them: they stay as they are, and are marked.
 */
async function mendSpecs(
  { llm, log }: PlannerDeps,
  ask: PlanAsk,
  asked: {
    readonly answer: PlanAnswer;
    readonly wanting: readonly JudgedSpec[];
    readonly conversation: readonly ModelMessage[];
  },
): Promise<PlanAnswer | null> {
  const { answer, wanting, conversation } = asked;
  const keys = wanting.map(({ key }) => key);
  try {
    const { value } = await askStructured({
      llm,
      call: callOf(ask, [...conversation, said('user', specsMessage(wanting))]),
      schema: specsAnswer,
      check: (specs) => problemsOfSpecs(answer, specs, { keys, request: ask.request }),
    });
    return withSpecs(answer, value);
  } catch (error) {
    const isNoAnswer =
      error instanceof StructuredFailure || error instanceof ModelFailure || error instanceof BudgetExceeded;
    if (!isNoAnswer) throw error;
    log.warn({ err: error }, 'specs of a generated plan stay as they are');
    return null;
  }
}

function callOf(
  { request: { model, effort }, signal }: PlanAsk,
  messages: readonly ModelMessage[],
): Omit<ModelCall, 'outputSchema'> {
  return {
    model,
    effort,
    system: PLANNER_SYSTEM,
    messages,
    tools: [],
    maxOutputTokens: MAX_OUTPUT_TOKENS,
    signal,
  };
}

function said(role: ModelMessage['role'], text: string): ModelMessage {
  return { role, content: [{ type: 'text', text }] };
}
