import { EVENT_CHANNEL, newsOf } from './events.js';
import type { Sql } from './sql.js';

/** Who follows reads what came within this time at once anyway. */
const TOGETHER_MS = 100;

/**
 * Wakes whoever follows a plan, once its new events are committed: at once, and then at this pace while there are more,
 * unless somebody waits for them. In the transaction itself a notification would cost as much as all of its writes to
 * the plan: the server wakes every connection that listens to anything. One that is lost with this process costs time
 * and never an event.
 */
export class EventBell {
  private readonly quiet = new Map<string, { again: boolean; readonly timer: NodeJS.Timeout }>();

  constructor(private readonly sql: Pick<Sql, 'rows'>) {}

  /** @param atOnce somebody waits for what has happened: it is told whatever was told just before */
  ring(planId: string, atOnce = false): void {
    const rung = this.quiet.get(planId);
    if (rung !== undefined && !atOnce) {
      rung.again = true;
      return;
    }
    clearTimeout(rung?.timer);
    this.send(planId, atOnce);
  }

  private send(planId: string, atOnce: boolean): void {
    const over = () => {
      this.quiet.delete(planId);
      if (rung.again) this.send(planId, false);
    };
    const rung = { again: false, timer: setTimeout(over, TOGETHER_MS).unref() };
    this.quiet.set(planId, rung);
    this.sql.rows('SELECT pg_notify($1, $2)', [EVENT_CHANNEL, newsOf(planId, atOnce)]).catch(() => undefined);
  }
}
