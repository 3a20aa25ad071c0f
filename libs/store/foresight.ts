import type { StepPlace } from '#engine/ports/steps.port.js';
import { seePlan, type SeenPlan } from './lock-plan.js';
import type { SqlTx } from './sql.js';

/** What was seen longer ago is not worth a try, and the clock of this process may have drifted from the database's. */
const LONGEST_MS = 2_000;
const MOST_PLANS = 64;

export interface Foreseen {
  readonly seen: SeenPlan;
  /** Since it was seen. */
  readonly elapsedMs: number;
}

interface Look {
  readonly seen: Promise<SeenPlan | null>;
  /** When the answer came, by the clock of this process. */
  at: number;
}

/**
 * Looks at what the end of steps will need while they run, so that a short step does not wait for it: their end is then
 * one turn with the database, which is refused when the plan has changed since.
 */
export class Foresight {
  private readonly looks = new Map<string, Look>();

  /** These steps of a plan have just begun, and nothing else of it is known to. @returns resolves when it was looked at */
  async look(planId: string, steps: readonly StepPlace[], db: Pick<SqlTx, 'rows'>): Promise<void> {
    if (this.looks.size >= MOST_PLANS) this.looks.clear();
    const seen = seePlan(db, planId, steps).catch(() => null);
    const look: Look = { seen, at: 0 };
    this.looks.set(planId, look);
    await seen;
    look.at = performance.now();
  }

  /** What was seen for the end of just these steps, and how many ms ago; once. */
  async take(planId: string, steps: readonly StepPlace[]): Promise<Foreseen | null> {
    const look = this.looks.get(planId);
    if (look === undefined) return null;
    this.looks.delete(planId);
    const seen = await look.seen;
    const elapsedMs = performance.now() - look.at;
    return seen === null || elapsedMs > LONGEST_MS || !areSame(seen.steps, steps)
      ? null
      : { seen, elapsedMs };
  }
}

function areSame(some: readonly StepPlace[], others: readonly StepPlace[]): boolean {
  const ids = new Set(some.map(({ attemptId }) => attemptId));
  return some.length === others.length && others.every(({ attemptId }) => ids.has(attemptId));
}
