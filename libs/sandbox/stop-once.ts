import type { Launched } from './launched.js';
import type { ExceededLimit } from './limits.js';
import { signalGroup } from './process-tree.js';

export type StopReason = 'timed_out' | 'output_limit' | 'aborted' | 'limit_exceeded';

/** Ends a process group politely, then surely; the first reason is the one that is reported. */
export class StopOnce {
  why: StopReason | null = null;
  limit: ExceededLimit | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly run: Launched,
    private readonly graceMs: number,
  ) {}

  begin(why: StopReason): void {
    const { leader: outside, jail } = this.run;
    if (this.why !== null || outside === undefined || this.run.hasEnded()) return;
    this.why = why;
    const leader = jail === null ? outside : jail.init;
    if (leader === null) return this.kill();
    signalGroup(leader, 'SIGTERM');
    // A stopped process cannot act on SIGTERM before it continues.
    signalGroup(leader, 'SIGCONT');
    this.timer = setTimeout(() => this.kill(), this.graceMs);
  }

  /** Whoever uses more than allowed gets no time to use yet more. */
  exceed(limit: ExceededLimit): void {
    if (this.why !== null || this.run.hasEnded()) return;
    this.why = 'limit_exceeded';
    this.limit = limit;
    this.kill();
  }

  /** The run has ended. */
  end(): void {
    clearTimeout(this.timer);
  }

  private kill(): void {
    if (this.run.leader !== undefined) signalGroup(this.run.leader, 'SIGKILL');
  }
}
