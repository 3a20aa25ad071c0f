import type { ChildProcess } from 'node:child_process';
import type { ExceededLimit } from './limits.js';
import { signalGroup } from './process-tree.js';

export type StopReason = 'timed_out' | 'output_limit' | 'aborted' | 'limit_exceeded';

/** Ends a process group politely, then surely; the first reason is the one that is reported. */
export class StopOnce {
  why: StopReason | null = null;
  limit: ExceededLimit | null = null;
  private timer: NodeJS.Timeout | undefined;

  /** @param inside leader of the group inside a sandbox, once it is known; without a sandbox the child itself leads */
  constructor(
    private readonly child: ChildProcess,
    private readonly graceMs: number,
    private readonly inside: (() => number | null) | null,
  ) {}

  begin(why: StopReason): void {
    if (this.why !== null || this.child.pid === undefined || this.hasEnded()) return;
    this.why = why;
    const leader = this.inside === null ? this.child.pid : this.inside();
    if (leader === null) return this.killNow();
    signalGroup(leader, 'SIGTERM');
    // A stopped process cannot act on SIGTERM before it continues.
    signalGroup(leader, 'SIGCONT');
    this.timer = setTimeout(() => this.killNow(), this.graceMs);
  }

  /** Whoever uses more than allowed gets no time to use yet more. */
  exceed(limit: ExceededLimit): void {
    if (this.why !== null || this.hasEnded()) return;
    this.why = 'limit_exceeded';
    this.limit = limit;
    this.killNow();
  }

  killNow(): void {
    clearTimeout(this.timer);
    if (this.child.pid !== undefined) signalGroup(this.child.pid, 'SIGKILL');
  }

  private hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}
