import type { StepPlace } from '#engine/ports/steps.port.js';
import { seePlan, type SeenPlan } from './lock-plan.js';
import type { SqlTx } from './sql.js';

/** What was seen longer ago is not worth a try, and the clock of this process may have drifted from the database's. */
const LONGEST_MS = 2_000;
const MOST_PLANS = 64;

interface Look {
  readonly seen: SeenPlan;
  /** When the answer came, by the clock of this process. */
  readonly at: number;
}

export interface Foreseen {
  readonly seen: SeenPlan;
  /** Since it was seen. */
  readonly elapsedMs: number;
}

/**
 * Looks at what the end of steps will need while they run, so that a short step does not wait for it: their end is then
 * one turn with the database, which is refused when the plan has changed since.
 */
export class Foresight {
  private readonly looks = new Map<string, Promise<Look | null>>();

  /** These steps of a plan have just begun, and nothing else of it is known to. @returns resolves when it was looked at */
  async look(planId: string, steps: readonly StepPlace[], db: Pick<SqlTx, 'rows'>): Promise<void> {
    if (this.looks.size >= MOST_PLANS) this.looks.clear();
    const look = seePlan(db, planId, steps)
      .then((seen) => seen && { seen, at: performance.now() })
      .catch(() => null);
    this.looks.set(planId, look);
    await look;
  }

  /** What was seen for the end of just these steps, and how many ms ago; once. */
  async take(planId: string, steps: readonly StepPlace[]): Promise<Foreseen | null> {
    const looked = this.looks.get(planId);
    this.looks.delete(planId);
    const look = await looked;
    if (!look || !areSame(look.seen.steps, steps)) return null;
    const elapsedMs = performance.now() - look.at;
    return elapsedMs > LONGEST_MS ? null : { seen: look.seen, elapsedMs };
  }
}

function areSame(some: readonly StepPlace[], others: readonly StepPlace[]): boolean {
  const ids = new Set(some.map(({ attemptId }) => attemptId));
  return some.length === others.length && others.every(({ attemptId }) => ids.has(attemptId));
}
