import { costOf, type Tokens } from './call-cost.js';
import type { Micros } from './money.js';
import type { Price } from './prices.js';

/** What something may cost: seldom less, half of the time less, seldom more. */
export interface CostRange {
  readonly low: Micros;
  readonly expected: Micros;
  readonly high: Micros;
}

/** What tasks that were done alike have cost: percentiles 10, 50 and 90. */
export interface PastCosts extends CostRange {
  readonly tasks: number;
}

/**
 * What an estimate is based on.
 *
 * - `free`: no model is called for it
 * - `done`: it has ended
 * - `past`: tasks of the same kind and model, of this installation
 * - `prompt`: the length of what the model is given, and how long sessions usually are
 * - `unknown`: nobody knows its model, or the price of it
 */
export type EstimateBasis = 'free' | 'done' | 'past' | 'prompt' | 'unknown';

export interface TaskEstimate {
  readonly basis: EstimateBasis;
  /** Null where it is `unknown`. */
  readonly range: CostRange | null;
  /** Tasks that it is compared with. */
  readonly pastTasks: number;
}

export interface EstimatedTask {
  readonly ended: boolean;
  /** Whether a model is called for it. */
  readonly callsModel: boolean;
  readonly past: PastCosts | null;
  /** Of the model of its first attempt; null: nobody knows it. */
  readonly price: Price | null;
  /** The text that the model is given for it. */
  readonly prompt: string;
  /** Answers that one attempt may take; null: no limit. */
  readonly turns: number | null;
}

/** Fewer say little. */
const LEAST_PAST = 3;
const FREE: CostRange = { low: 0, expected: 0, high: 0 };

/** What a task may cost from now on. */
export function estimateTask(task: EstimatedTask): TaskEstimate {
  const { past, price } = task;
  if (!task.callsModel) return { basis: 'free', range: FREE, pastTasks: 0 };
  if (task.ended) return { basis: 'done', range: FREE, pastTasks: 0 };
  if (past !== null && past.tasks >= LEAST_PAST) {
    const { low, expected, high, tasks } = past;
    return { basis: 'past', range: { low, expected, high }, pastTasks: tasks };
  }
  if (price === null) return { basis: 'unknown', range: null, pastTasks: past?.tasks ?? 0 };
  return { basis: 'prompt', range: fromPrompt(task, price), pastTasks: past?.tasks ?? 0 };
}

/** The sum of what is known. */
export function sumRanges(ranges: readonly (CostRange | null)[]): CostRange {
  return ranges.reduce<CostRange>(
    (sum, range) =>
      range === null
        ? sum
        : {
            low: sum.low + range.low,
            expected: sum.expected + range.expected,
            high: sum.high + range.high,
          },
    FREE,
  );
}

/** What a session is like of which nothing is known: its answers, and how many attempts it takes. */
const SESSIONS = {
  low: { answers: 4, attempts: 1 },
  expected: { answers: 15, attempts: 1 },
  high: { answers: 40, attempts: 2 },
} as const;
/** Of the instructions and tools that come before the prompt. */
const TOKENS_BEFORE = 4_000;
/** Of an answer, and of what its tools return. */
const TOKENS_OF_ANSWER = 600;
const TOKENS_OF_RESULT = 1_500;

function fromPrompt({ prompt, turns }: EstimatedTask, price: Price): CostRange {
  const given = TOKENS_BEFORE + approximateTokens(prompt);
  const cost = ({ answers, attempts }: { readonly answers: number; readonly attempts: number }) =>
    sessionCost(price, given, Math.min(answers, turns ?? answers)) * attempts;
  return { low: cost(SESSIONS.low), expected: cost(SESSIONS.expected), high: cost(SESSIONS.high) };
}

/** A conversation that grows with each answer: what was said before is read from the cache, what is new is written to it. */
function sessionCost(price: Price, given: number, answers: number): Micros {
  let total = 0;
  let cached = 0;
  let fresh = given;
  for (let answer = 0; answer < answers; answer += 1) {
    const tokens: Tokens = {
      inputTokens: 0,
      outputTokens: TOKENS_OF_ANSWER,
      cacheWriteTokens: fresh,
      cacheReadTokens: cached,
    };
    total += costOf(price, tokens);
    cached += fresh;
    fresh = TOKENS_OF_ANSWER + TOKENS_OF_RESULT;
  }
  return total;
}

/** Tokens of a text, roughly: four characters of ASCII each, and one of anything else. */
export function approximateTokens(text: string): number {
  const ascii = text.replace(/[^\x00-\x7f]/g, '').length;
  return Math.ceil(ascii / 4) + (text.length - ascii);
}
