/** Money is a whole number of micro-dollars: sums of it are exact. */
export type Micros = number;

const MICROS_PER_USD = 1_000_000;
/** More than this can be neither spent nor allowed; sums of it stay exact by far. */
export const MAX_USD = 1_000_000;

/** @param usd with at most six decimal places */
export function toMicros(usd: number): Micros {
  return Math.round(usd * MICROS_PER_USD);
}

export function toUsd(micros: Micros): number {
  return micros / MICROS_PER_USD;
}

/** Whether an amount has at most six decimal places, so that nothing of it is lost. */
export function isWholeMicros(usd: number): boolean {
  return toUsd(toMicros(usd)) === usd;
}

/** `$4.98`; as many places as it takes to show that it is not nothing. */
export function formatUsd(micros: Micros): string {
  const usd = toUsd(micros);
  if (micros === 0 || Math.abs(usd) >= 0.01) return `$${usd.toFixed(2)}`;
  return `$${usd.toFixed(6).replace(/0+$/, '')}`;
}
