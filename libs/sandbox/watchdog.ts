import { DiskUse } from './disk-use.js';
import { exceeded, type ExceededLimit, type ResourceLimits } from './limits.js';
import { familyOf, readProcessTable, type ProcessRow } from './process-table.js';

const INTERVAL_MS = 250;

export interface Watched {
  /** The process that the run was started with. */
  readonly leader: number;
  /** Whether it serves other runs too: what it uses is then not counted. */
  readonly isShared: boolean;
  /** How many processes of the family are the sandbox's own. */
  readonly overhead: number;
  readonly limits: ResourceLimits;
  /** Folders that it writes to. */
  readonly folders: readonly string[];
  readonly onExceeded: (limit: ExceededLimit) => void;
}

/** All runs of this process that are watched: one look at the process table serves them all. */
const watches = new Set<Watch>();
let timer: NodeJS.Timeout | undefined;

/** Watches what a run uses, until `end`. Calls `onExceeded` once at most. */
export class Watch {
  private readonly disk: DiskUse;
  private measuring = false;
  private cpuSeconds = 0;

  constructor(private readonly watched: Watched) {
    this.disk = new DiskUse(watched.folders, watched.limits.diskBytes);
    watches.add(this);
    timer ??= setInterval(lookAtAll, INTERVAL_MS).unref();
  }

  /** Stops watching. @returns the limit on disk, where what was written last went over it */
  async end(): Promise<ExceededLimit | null> {
    this.leave();
    return this.overDisk();
  }

  look(table: readonly ProcessRow[]): void {
    const { leader, isShared, limits, overhead } = this.watched;
    const family = familyOf(leader, table).filter(({ pid }) => !isShared || pid !== leader);
    const memory = family.reduce((sum, row) => sum + row.residentBytes, 0);
    // Whoever ended without being waited for takes its time with it: what was seen stays.
    this.cpuSeconds = Math.max(
      this.cpuSeconds,
      family.reduce((sum, row) => sum + row.cpuSeconds, 0),
    );
    const processes = family.length - overhead;
    if (processes > limits.processes) this.report(exceeded('processes', processes, limits));
    else if (memory > limits.memoryBytes) this.report(exceeded('memory', memory, limits));
    else if (this.cpuSeconds > limits.cpuSeconds) this.report(exceeded('cpu', this.cpuSeconds, limits));
    else void this.lookAtDisk();
  }

  private async lookAtDisk(): Promise<void> {
    if (this.measuring) return;
    this.measuring = true;
    const over = await this.overDisk();
    this.measuring = false;
    if (over !== null && watches.has(this)) this.report(over);
  }

  private async overDisk(): Promise<ExceededLimit | null> {
    const { limits } = this.watched;
    const written = await this.disk.measure();
    return written > limits.diskBytes ? exceeded('disk', written, limits) : null;
  }

  private report(limit: ExceededLimit): void {
    this.leave();
    this.watched.onExceeded(limit);
  }

  private leave(): void {
    watches.delete(this);
    if (watches.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }
}

function lookAtAll(): void {
  const table = readProcessTable();
  for (const watch of watches) watch.look(table);
}
