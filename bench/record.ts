/** One case of a benchmark, as one line of JSON. */
export interface BenchRecord {
  readonly suite: string;
  readonly case: string;
  /** What does the work: `git`, `node`, `postgres` … */
  readonly backend: string;
  /** Measurements behind each value. */
  readonly n: number;
  readonly value: number;
  readonly unit: 'ms' | 's' | 'tasks/s' | 'MiB';
  /** What it is compared with, measured in the same run. */
  readonly baseline: string;
  readonly baselineValue: number;
  /** `value / baselineValue`. */
  readonly ratio: number;
}

/** Makes a record of two series of times that were taken in turns. */
export function compare(
  head: Pick<BenchRecord, 'suite' | 'case' | 'backend' | 'baseline'>,
  quantile: number,
  own: readonly number[],
  baseline: readonly number[],
): BenchRecord {
  return recordOf(
    { ...head, n: own.length, unit: 'ms' },
    quantileOf(own, quantile),
    quantileOf(baseline, quantile),
  );
}

/** Makes a record of two values. */
export function recordOf(
  head: Pick<BenchRecord, 'suite' | 'case' | 'backend' | 'n' | 'unit' | 'baseline'>,
  value: number,
  baselineValue: number,
): BenchRecord {
  const { suite, case: name, backend, n, unit, baseline } = head;
  return {
    suite,
    case: name,
    backend,
    n,
    value: round(value),
    unit,
    baseline,
    baselineValue: round(baselineValue),
    ratio: round(value / baselineValue),
  };
}

/** The smallest measurement that at least this share of all is not above. */
export function quantileOf(times: readonly number[], quantile: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN;
}

/** Milliseconds that the work took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
