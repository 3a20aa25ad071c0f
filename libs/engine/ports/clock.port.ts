/** Time as the engine sees it: intervals only. Moments that decide anything come from the database. */
export interface Clock {
  /** Milliseconds since some fixed point; never goes back. */
  monotonic(): number;
  /** Calls `work` again `ms` after each time it ended, until the returned function is called. */
  every(ms: number, work: () => Promise<void>): () => void;
  /** Resolves early, without an error, when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
