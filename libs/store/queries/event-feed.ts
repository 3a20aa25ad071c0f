import pg from 'pg';
import { EVENT_CHANNEL, readNews } from '../events.js';

const RECONNECT_MS = 500;

/** The listeners of all plans; no plan has this id. */
const ALL = '';

/** Says that there may be new events; `atOnce`: somebody waits for them. */
type Wake = (atOnce: boolean) => void;

/**
 * Wakes whoever follows a plan's events, or those of all. It only says that there may be something new: readers then
 * read above their cursor, so that a lost notification costs time and never an event.
 */
export class EventFeed {
  private readonly listeners = new Map<string, Set<Wake>>();
  private client: pg.Client | null = null;
  private timer: NodeJS.Timeout | null = null;
  private closed = false;

  constructor(
    private readonly url: string,
    private readonly onError: (error: Error) => void,
  ) {}

  async open(): Promise<void> {
    const client = new pg.Client({ connectionString: this.url, keepAlive: true });
    client.on('notification', ({ payload = '' }) => {
      const { planId, atOnce } = readNews(payload);
      this.wake(planId, atOnce);
    });
    client.on('error', (error) => this.reopen(error));
    client.on('end', () => this.reopen(null));
    this.client = client;
    try {
      await client.connect();
      await client.query(`LISTEN ${EVENT_CHANNEL}`);
      // What came while nobody listened is found by reading.
      for (const planId of this.listeners.keys()) this.wake(planId, true);
    } catch (error) {
      this.reopen(error as Error);
    }
  }

  /** Calls `wake` whenever the plan may have new events. @returns the way to stop */
  follow(planId: string, wake: Wake): () => void {
    const followers = this.listeners.get(planId) ?? new Set();
    followers.add(wake);
    this.listeners.set(planId, followers);
    return () => {
      followers.delete(wake);
      if (followers.size === 0) this.listeners.delete(planId);
    };
  }

  /** Calls `wake` whenever any plan may have new events. @returns the way to stop */
  followAll(wake: Wake): () => void {
    return this.follow(ALL, wake);
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.client?.end().catch(() => {});
  }

  private wake(planId: string, atOnce: boolean): void {
    for (const key of new Set([planId, ALL])) {
      for (const wake of this.listeners.get(key) ?? []) wake(atOnce);
    }
  }

  private reopen(error: Error | null): void {
    if (error !== null && !this.closed) this.onError(error);
    if (this.closed || this.timer !== null) return;
    this.client = null;
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.open();
    }, RECONNECT_MS);
  }
}
