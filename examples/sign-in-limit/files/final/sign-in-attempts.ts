const LIMIT = 5;
const LOCK_MS = 60_000;

/** Wrong access keys in a row for one name. */
interface Failures {
  count: number;
  lastAt: number;
}

const failures = new Map<string, Failures>();

/** Counts a wrong access key. A lock that is over leaves nothing behind. */
export function countFailure(name: string, now: number): void {
  const known = failures.get(name);
  const counts = known !== undefined && now < known.lastAt + LOCK_MS;
  failures.set(name, { count: counts ? known.count + 1 : 1, lastAt: now });
}

/** Called when a name signs in. */
export function forgetFailures(name: string): void {
  failures.delete(name);
}

/** How long a name is locked still; 0 where it is not. */
export function secondsLocked(name: string, now: number): number {
  const known = failures.get(name);
  if (known === undefined || known.count < LIMIT) return 0;
  return Math.max(0, Math.ceil((known.lastAt + LOCK_MS - now) / 1_000));
}
