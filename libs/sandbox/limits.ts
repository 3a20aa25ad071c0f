/** What one run may use up, with all its processes together. */
export interface ResourceLimits {
  /** Resident memory. */
  readonly memoryBytes: number;
  readonly processes: number;
  /** Time on processors, all processes together. */
  readonly cpuSeconds: number;
  /** What it may write to its folders; also the size of its largest file. */
  readonly diskBytes: number;
}

export type LimitName = 'memory' | 'processes' | 'cpu' | 'disk';

/** Which limit a run went over, and by how much. */
export interface ExceededLimit {
  readonly name: LimitName;
  readonly limit: number;
  readonly used: number;
  /** Limit and use, for people: `4.1 GiB of memory, 4 GiB are allowed`. */
  readonly message: string;
}

const GIB = 2 ** 30;

/** Generous for a build or a test suite, small for a machine that runs several of them. */
export const DEFAULT_LIMITS: ResourceLimits = {
  memoryBytes: 4 * GIB,
  processes: 512,
  cpuSeconds: 7_200,
  diskBytes: 4 * GIB,
};

/** The limit that is exceeded, put in words. */
export function exceeded(name: LimitName, used: number, limits: ResourceLimits): ExceededLimit {
  switch (name) {
    case 'memory':
      return words(name, used, limits.memoryBytes, (amount) => `${bytes(amount)} of memory`);
    case 'processes':
      return words(name, used, limits.processes, (amount) => `${amount} processes`);
    case 'cpu':
      return words(name, used, limits.cpuSeconds, (amount) => `${Math.round(amount)} s of processor time`);
    case 'disk':
      return words(name, used, limits.diskBytes, (amount) => `${bytes(amount)} written to disk`);
  }
}

function words(
  name: LimitName,
  used: number,
  limit: number,
  unit: (amount: number) => string,
): ExceededLimit {
  return { name, limit, used, message: `${unit(used)}; the limit is ${unit(limit)}` };
}

function bytes(amount: number): string {
  const [size, unit] = amount >= GIB ? [amount / GIB, 'GiB'] : [amount / 2 ** 20, 'MiB'];
  return `${Number(size.toFixed(1))} ${unit}`;
}

/**
 * The part of the limits that the kernel keeps by itself, as the beginning of a script for the shell: no core files,
 * no larger file, and a bound on threads behind the watched one on processes. The last only where processes are
 * counted per sandbox: elsewhere the kernel counts everything the user runs.
 */
export function shellLimits(limits: ResourceLimits, counted: boolean): string {
  const blocks = Math.ceil(limits.diskBytes / 512);
  const threads = Math.max(256, limits.processes * 2);
  // dash and busybox say -p, bash says -u.
  const count = `{ ulimit -p ${threads} || ulimit -u ${threads}; } 2>/dev/null;`;
  return `ulimit -c 0;ulimit -f ${blocks};${counted ? count : ''}`;
}
