import { decideStrength } from '#domain/plan/decisions/strength.js';
import type { Strength } from '#domain/spec/strength.js';
import type { VerifierDeps } from '../deps.js';
import type { OutboxRow } from '../ports/outbox.port.js';
import { onPlan, unlessFenced } from '../unit-of-work.js';
import { measureStrength } from '../verification/measure.js';

export interface MeasurerConfig {
  /** What one task may take; 0: nothing is measured. */
  readonly budgetMs: number;
  /** Whether a commit waits for its verdict here: nothing is measured meanwhile. */
  readonly isBusy: () => boolean;
}

const INTERVAL_MS = 1_000;
const BUSY_MS = 200;
const SLACK_MS = 10_000;
/** Longer verdicts are left to themselves: the task is measured another time. */
const MAX_WAIT_MS = 60_000;
const MAX_TRIES = 5;
const DROPPED_AT_ONCE = 100;

class Busy extends Error {}

/**
 * Measures what the rules of integrated tasks would miss: takes what is due from the outbox, where the transaction put
 * it that completed the task, one at a time and only while nothing is verified here.
 */
export class StrengthMeasurer {
  private readonly stopped = new AbortController();

  constructor(
    private readonly deps: VerifierDeps,
    private readonly config: MeasurerConfig,
  ) {}

  /** Runs until the returned function is called; what is measured then is measured again after the next start. */
  start(): () => void {
    const stop = this.deps.clock.every(INTERVAL_MS, () => this.tick());
    return () => {
      stop();
      this.stopped.abort();
    };
  }

  /** Measures what is due, if nothing is verified. */
  async tick(): Promise<void> {
    const { store, log } = this.deps;
    const { budgetMs, isBusy } = this.config;
    try {
      if (budgetMs === 0) {
        const rows = await store.takeOutbox({ kind: 'measure', limit: DROPPED_AT_ONCE, holdMs: MAX_WAIT_MS });
        return await store.settleOutbox(rows.map(({ id }) => id));
      }
      for (; !isBusy() && !this.stopped.signal.aborted;) {
        // What a dead process held is measured by another one soon; twice does no harm.
        const holdMs = budgetMs + SLACK_MS;
        const [row] = await store.takeOutbox({ kind: 'measure', limit: 1, holdMs });
        if (row === undefined) return;
        await this.carryOut(row);
      }
    } catch (error) {
      log.warn({ err: error }, 'what is to be measured could not be read; trying again soon');
    }
  }

  private async carryOut(row: OutboxRow): Promise<void> {
    const { store, log } = this.deps;
    const { id, planId, effect, tries } = row;
    try {
      if (effect.kind === 'measure') await this.measure(planId, effect);
    } catch (error) {
      if (this.stopped.signal.aborted) return;
      if (!(error instanceof Busy))
        log.warn({ err: error, planId }, 'the strength of a spec was not measured');
      if (error instanceof Busy || tries < MAX_TRIES) {
        await store.postponeOutbox(id, (error as Error).message);
        return;
      }
    }
    await store.settleOutbox([id]);
  }

  private async measure(
    planId: string,
    { taskId, from, to }: Extract<OutboxRow['effect'], { kind: 'measure' }>,
  ): Promise<void> {
    const { deps } = this;
    const found = await deps.store.withPlan(planId, async (tx) => ({
      plan: tx.plan,
      specText: (await tx.brief(taskId)).specYaml,
    }));
    if (found === null || found.result.specText === null) return;
    const { plan, specText } = found.result;
    const strength = await measureStrength(deps, {
      repositoryId: plan.repositoryId,
      planBase: plan.baseCommit,
      specText,
      from,
      to,
      budgetMs: this.config.budgetMs,
      turn: () => this.turn(),
    });
    if (strength !== null) await unlessFenced(deps, () => this.write(planId, taskId, strength));
  }

  private write(planId: string, taskId: string, strength: Strength): Promise<unknown> {
    const { deps } = this;
    return onPlan(deps, planId, async (tx) => {
      const decision = decideStrength(tx.plan, await tx.task(taskId), strength);
      await tx.apply(decision, deps.systemActorId);
    });
  }

  /** Resolves once nothing is verified here. */
  private async turn(): Promise<void> {
    const { clock } = this.deps;
    const { signal } = this.stopped;
    const start = clock.monotonic();
    for (;;) {
      signal.throwIfAborted();
      if (!this.config.isBusy()) return;
      if (clock.monotonic() - start > MAX_WAIT_MS)
        throw new Busy('commits that wait for verdicts come first');
      await clock.sleep(BUSY_MS, signal);
    }
  }
}
