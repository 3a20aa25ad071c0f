import type { ExecutorDeps } from '../deps.js';
import type { AgentPort, AgentResult, AgentUsage } from '../ports/agent.port.js';
import { BudgetExceeded, type SpendPlace } from '../ports/spend.port.js';
import type { AttemptOrder } from './attempt-order.js';

type AgentRequest = Parameters<AgentPort['run']>[0];

/**
 * Runs the executor of an attempt. A program that calls models by itself begins only while money is left, and what it says
 * that it used is spent; nobody can stop it in between.
 */
export async function runAgent(
  deps: ExecutorDeps,
  { planId, attemptId, token }: AttemptOrder,
  request: AgentRequest,
): Promise<AgentResult> {
  const { executor } = request;
  if (executor.kind !== 'agent') return deps.agents.run(request);
  const place: SpendPlace = { planId, role: 'executor', attemptId, token };
  try {
    await deps.spend.left(place);
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    const { message } = error;
    return { kind: 'failed', failure: 'budget', message, retryAt: null, output: '', result: null };
  }
  const answer = await deps.agents.run(request);
  if (answer.usage !== undefined) await deps.spend.record(place, spentBy(executor.agent.name, answer.usage));
  return answer;
}

/** What it does not say counts as nothing. */
function spentBy(agent: string, said: AgentUsage): Parameters<ExecutorDeps['spend']['record']>[1] {
  const usage = {
    inputTokens: said.inputTokens ?? 0,
    outputTokens: said.outputTokens ?? 0,
    cacheReadTokens: said.cacheReadTokens ?? 0,
    cacheWriteTokens: said.cacheWriteTokens ?? 0,
  };
  return { model: said.model ?? agent, usage, costUsd: said.costUsd };
}
