import type { Change } from '#domain/plan/change.js';
import type { Decision, Effect, EventDraft } from '#domain/plan/decision.js';
import type { PlanState } from '#domain/plan/state.js';
import type { OutboxRow } from '#engine/ports/outbox.port.js';
import { appendEvents, type EventChain } from './events.js';
import type { HeldTx } from './held-tx.js';
import { putIntoOutbox } from './outbox.js';
import type { StepsAhead } from './steps-ahead.js';
import { writeChanges, writePlan } from './transitions.js';
import { batchChanges, type ChangeOf, type WriteBatch } from './write-batch.js';

interface WriteContext {
  readonly tx: HeldTx;
  readonly ahead: StepsAhead | null;
  readonly now: Date;
  readonly leaseMs: number;
  readonly holder: string;
}

type PlanRowChange = ChangeOf<'plan' | 'tip' | 'counters'>;

interface DecidedEvents {
  readonly actorId: string;
  readonly drafts: EventDraft[];
}

/** What there is to tell of a transaction: nothing, events, or some that a person should know of. */
export type News = 'none' | 'events' | 'notice';

/** The writes of a transaction on a plan. */
export class PlanWrites {
  /** What decisions made of the plan's own row, of its chain and of the outbox: written once, at the end. */
  private readonly pending = {
    changes: [] as PlanRowChange[],
    events: [] as DecidedEvents[],
    effects: [] as Effect[],
  };
  private decided = false;
  /** The end of steps that is not written yet. */
  private ended: readonly Change[] | null = null;
  private effects: Promise<OutboxRow[]> = Promise.resolve([]);

  /**
   * @param plan as it is after what was applied so far
   * @param chain its last event that is written
   */
  constructor(
    private readonly context: WriteContext,
    public plan: PlanState,
    public chain: EventChain,
  ) {}

  /** The number of the plan's last event, those that are not written yet included. */
  get eventSeq(): number {
    return this.chain.seq + this.pending.events.reduce((sum, { drafts }) => sum + drafts.length, 0);
  }

  /** Sends what a decision changes; what it makes of the plan's own row waits for the end. */
  apply(decision: Decision, actorId: string): void {
    if (decision.changes.length + decision.events.length + decision.effects.length === 0) return;
    this.context.ahead?.applied(decision);
    const batch = batchChanges(decision.changes);
    this.write(decision.changes, batch, actorId);
    const { changes, events, effects } = this.pending;
    changes.push(...batch.plan, ...batch.tip, ...batch.counters);
    if (decision.events.length > 0) {
      const last = events.at(-1);
      if (last?.actorId === actorId) last.drafts.push(...decision.events);
      else events.push({ actorId, drafts: [...decision.events] });
    }
    effects.push(...decision.effects);
    this.decided = true;
    this.plan = planAfter(this.plan, batch);
  }

  /** Sends what was left to the end; nothing is applied afterwards. */
  finish(): News {
    const { tx, now } = this.context;
    const { id: planId } = this.plan;
    const { changes, events, effects } = this.pending;
    if (!this.decided) return 'none';
    for (const { actorId, drafts } of events)
      this.chain = appendEvents(tx, { planId, chain: this.chain, events: drafts, actorId, at: now });
    writePlan({ tx, planId, now }, batchChanges(changes), this.chain);
    this.effects = putIntoOutbox(tx, planId, effects, now);
    // An error of it fails the transaction anyway.
    this.effects.catch(() => {});
    if (effects.some(({ kind }) => kind === 'notify')) return 'notice';
    return events.length > 0 ? 'events' : 'none';
  }

  /** Effects that were decided. */
  outbox(): Promise<OutboxRow[]> {
    return this.effects;
  }

  /** The end of steps waits for what begins after it, unless something is read in between. */
  private write(changes: readonly Change[], batch: WriteBatch, actorId: string): void {
    const { tx, now, ahead, leaseMs, holder } = this.context;
    const { id: planId, epoch } = this.plan;
    const context = { tx, planId, epoch, now, leaseMs, holder, actorId };
    if (ahead?.haveEnded === true) {
      this.ended = changes;
      tx.hold(() => {
        this.ended = null;
        writeChanges(context, batch);
      });
      return;
    }
    const asOne = this.ended && ahead?.asOne(this.ended, changes);
    if (asOne) {
      tx.drop();
      this.ended = null;
      writeChanges(context, batchChanges(asOne));
    } else writeChanges(context, batch);
  }
}

function planAfter(plan: PlanState, batch: WriteBatch): PlanState {
  const [move, tip] = [batch.plan[0], batch.tip[0]];
  const sum = (key: 'activeTasks' | 'openPhases') =>
    batch.counters.reduce((total, counters) => total + counters[key], plan[key]);
  return {
    ...plan,
    ...(move === undefined ? {} : { status: move.to, epoch: move.set.epoch ?? plan.epoch }),
    ...(move?.to === 'running' ? { pauseReason: null } : {}),
    ...(move?.set.pauseReason === undefined ? {} : { pauseReason: move.set.pauseReason }),
    ...(tip === undefined ? {} : { tipCommit: tip.to }),
    activeTasks: sum('activeTasks'),
    openPhases: sum('openPhases'),
  };
}
