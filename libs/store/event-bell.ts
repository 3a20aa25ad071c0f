import { EVENT_CHANNEL } from './events.js';
import type { Sql } from './sql.js';

/** Who follows reads what came within this time at once anyway. */
const TOGETHER_MS = 20;

/**
 * Wakes whoever follows a plan, once its new events are committed: at once, and then at this pace while there are more.
 * In the transaction itself a notification would cost as much as all of its writes to the plan: the server wakes every
 * connection that listens to anything. One that is lost with this process costs time and never an event.
 */
export class EventBell {
  private readonly quiet = new Map<string, { again: boolean }>();

  constructor(private readonly sql: Pick<Sql, 'rows'>) {}

  ring(planId: string): void {
    const rung = this.quiet.get(planId);
    if (rung === undefined) this.send(planId);
    else rung.again = true;
  }

  private send(planId: string): void {
    const rung = { again: false };
    this.quiet.set(planId, rung);
    this.sql.rows('SELECT pg_notify($1, $2)', [EVENT_CHANNEL, planId]).catch(() => undefined);
    const over = () => {
      this.quiet.delete(planId);
      if (rung.again) this.send(planId);
    };
    setTimeout(over, TOGETHER_MS).unref();
  }
}
