import type { EngineDeps } from '../deps.js';
import type { NoticePort } from '../ports/notice.port.js';
import type { OutboxRow } from '../ports/outbox.port.js';
import { composeNotice } from './notice.js';

/** A command that hangs holds up one of these until its time is over, and the reconciler not at all. */
const AT_ONCE = 2;
const INTERVAL_MS = 1_000;
/** Longer than a command may take, so that nobody else takes the notice meanwhile. */
const HOLD_MS = 120_000;
const MAX_TRIES = 8;
const DROPPED_AT_ONCE = 100;

/**
 * Tells people what plans need of them: takes notices from the outbox, where they were put by the transaction that
 * decided, and has each sent at least once. Without anybody to tell, notices are dropped.
 */
export class Notifier {
  private readonly stopped = new AbortController();
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly deps: Pick<EngineDeps, 'store' | 'clock' | 'log' | 'reach'>,
    private readonly notices: NoticePort | null,
  ) {}

  /** Runs until the returned function is called; what is being sent then is sent again after the next start. */
  start(): () => void {
    const stop = this.deps.clock.every(INTERVAL_MS, () => this.tick());
    return () => {
      stop();
      this.stopped.abort();
    };
  }

  /** Begins to send what is due; resolves before it is sent. */
  async tick(): Promise<void> {
    const { store, log } = this.deps;
    const limit = this.notices === null ? DROPPED_AT_ONCE : AT_ONCE - this.running.size;
    if (limit <= 0) return;
    try {
      const rows = await store.takeOutbox({ kind: 'notify', limit, holdMs: HOLD_MS });
      if (this.notices === null) return await store.settleOutbox(rows.map(({ id }) => id));
      for (const row of rows) this.begin(row, this.notices);
    } catch (error) {
      log.warn({ err: error }, 'notices could not be read; trying again soon');
    }
  }

  /** Resolves when nothing is being sent. */
  async idle(): Promise<void> {
    await Promise.all(this.running);
  }

  private begin(row: OutboxRow, notices: NoticePort): void {
    const sending = this.carryOut(row, notices)
      .catch((error: unknown) =>
        this.deps.log.warn({ err: error, notice: String(row.id) }, 'a notice could not be recorded'),
      )
      .finally(() => this.running.delete(sending));
    this.running.add(sending);
  }

  private async carryOut(row: OutboxRow, notices: NoticePort): Promise<void> {
    const { store, log } = this.deps;
    const { id, planId, effect, tries } = row;
    const facts = effect.kind === 'notify' ? await store.noticeFacts(planId) : null;
    if (effect.kind !== 'notify' || facts === null) return store.settleOutbox([id]);
    const notice = composeNotice(String(id), effect.event, effect.payload, facts);
    const about = { notice: notice.id, event: effect.event, plan: facts.plan.number, tries };
    const { sent, said } = await this.send(notices, notice);
    if (sent) this.deps.reach('notice.sent');
    if (this.stopped.signal.aborted && !sent) return;
    if (sent) log.info({ ...about, said }, 'a notice was sent');
    else if (tries >= MAX_TRIES) log.error({ ...about, said }, 'a notice was given up');
    else {
      log.warn({ ...about, said }, 'a notice could not be sent; it is tried again');
      return store.postponeOutbox(id, said);
    }
    await store.settleOutbox([id]);
  }

  private async send(notices: NoticePort, notice: Parameters<NoticePort['send']>[0]) {
    try {
      return await notices.send(notice, this.stopped.signal);
    } catch (error) {
      return { sent: false, said: (error as Error).message };
    }
  }
}
