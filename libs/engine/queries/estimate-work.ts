import type { PlanEstimate } from '#contracts/api/estimate.js';
import { estimateTask, sumRanges, type CostRange, type PastCosts } from '#domain/cost/estimate.js';
import { toUsd } from '#domain/cost/money.js';
import { findPrice, type PriceTable } from '#domain/cost/prices.js';
import type { ExecutorConfig } from '../ports/agent.port.js';

/** A task before it runs. */
export interface PlannedWork {
  readonly number: number;
  readonly title: string;
  readonly ended: boolean;
  readonly executor: ExecutorConfig;
  /** What its model is given: the prompt, and the spec. */
  readonly prompt: string;
}

export interface EstimateDeps {
  readonly prices: PriceTable;
  /** Of executors that name none. */
  readonly model: string;
  /** What tasks of that kind cost that this model worked on. */
  readonly past: (kind: string, model: string) => PastCosts | null;
}

/** What tasks may cost from now on, each and together. */
export function estimateWork(deps: EstimateDeps, work: readonly PlannedWork[]): PlanEstimate {
  const tasks = work.map(({ number, title, ended, executor, prompt }) => {
    const session = sessionOf(executor);
    const model = session === null ? null : (session.model ?? deps.model);
    const estimate = estimateTask({
      ended,
      callsModel: session !== null,
      past: model === null ? null : deps.past(executor.kind, model),
      price: model === null ? null : findPrice(deps.prices, model),
      prompt,
      turns: session?.turns ?? null,
    });
    return { number, title, model, estimate };
  });
  return {
    usd: inUsd(sumRanges(tasks.map(({ estimate }) => estimate.range))),
    tasks: tasks.map(({ number, title, model, estimate: { basis, pastTasks, range } }) => ({
      number,
      title,
      model,
      basis,
      pastTasks,
      usd: range === null ? null : inUsd(range),
    })),
  };
}

/** Nobody but the agent knows how many answers it takes: as many as a session of ours may. */
const AGENT_TURNS = 60;

/** The model of its first attempt, and the answers that it may take; null: it calls none. */
function sessionOf(
  executor: ExecutorConfig,
): { readonly model: string | undefined; readonly turns: number } | null {
  switch (executor.kind) {
    case 'claude':
      return { model: executor.ladder?.[0]?.model ?? executor.model, turns: executor.turns };
    case 'agent':
      return { model: executor.agent.model ?? executor.agent.name, turns: AGENT_TURNS };
    // The profile that it will be given may say otherwise.
    case 'profile':
      return { model: undefined, turns: AGENT_TURNS };
    case 'command':
    case 'patch':
    case 'milestone':
    case 'wait':
    case 'external':
      return null;
  }
}

function inUsd({ low, expected, high }: CostRange): PlanEstimate['usd'] {
  return { low: toUsd(low), expected: toUsd(expected), high: toUsd(high) };
}
