import type { EngineDeps } from '../deps.js';
import type { SessionPlace } from '../ports/session-store.port.js';

const FLUSH_MS = 500;
/** What is shown between two writes; a process that shows more shows its end. */
const MOST_PENDING = 64 * 1_024;

/** Shows an attempt while it runs. Losing some of it is no reason to stop: the result does not depend on it. */
export class LiveOutput {
  private pending = '';
  private stop: (() => void) | null = null;

  constructor(
    private readonly deps: Pick<EngineDeps, 'store' | 'clock' | 'log'>,
    private readonly place: SessionPlace,
  ) {}

  add(text: string): void {
    this.pending = (this.pending + text).slice(-MOST_PENDING);
    this.stop ??= this.deps.clock.every(FLUSH_MS, () => this.flush());
  }

  async close(): Promise<void> {
    this.stop?.();
    this.stop = null;
    await this.flush();
  }

  private async flush(): Promise<void> {
    const text = this.pending;
    this.pending = '';
    if (text === '') return;
    await this.deps.store.sessions.addOutput(this.place, text).catch((error: unknown) => {
      this.deps.log.warn({ err: error, attempt: this.place.attemptId }, 'live output was not stored');
    });
  }
}
