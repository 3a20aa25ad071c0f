/** Which ready tasks start now: the window of one plan, and the share of each plan under common limits. */

export interface ReadyTask {
  readonly id: string;
  readonly writeScope: readonly string[];
}

export interface Window {
  /** Free slots of the plan. */
  readonly slots: number;
  /** Write scopes of the tasks that occupy the other slots. */
  readonly activeScopes: readonly (readonly string[])[];
}

/**
 * Picks tasks in the order given, at most as many as there are slots. Tasks whose write scopes overlap are not
 * picked side by side; a task without a declared scope overlaps with nobody (its conflicts show at integration).
 */
export function pickTasks<T extends ReadyTask>(ready: readonly T[], window: Window): T[] {
  const picked: T[] = [];
  const scopes = [...window.activeScopes];
  for (const task of ready) {
    if (picked.length >= window.slots) break;
    if (scopes.some((scope) => scopesOverlap(scope, task.writeScope))) continue;
    picked.push(task);
    scopes.push(task.writeScope);
  }
  return picked;
}

/** A plan that could use free slots of a limit that it shares with others. */
export interface Claimant {
  readonly id: string;
  readonly priority: number;
  /** Slots that it has. */
  readonly active: number;
  /** Slots that it would surely use now. */
  readonly wants: number;
}

/**
 * Deals free slots one by one: each to the highest priority that wants one, and among those to whoever has the fewest;
 * equals take turns in order of their ids.
 *
 * @returns how many each is dealt; who is dealt none is absent
 */
export function dealSlots(free: number, claimants: readonly Claimant[]): Map<string, number> {
  const dealt = new Map<string, number>();
  const held = ({ id, active }: Claimant): number => active + (dealt.get(id) ?? 0);
  for (let left = free; left > 0; left -= 1) {
    let next: Claimant | undefined;
    for (const claimant of claimants) {
      if ((dealt.get(claimant.id) ?? 0) >= claimant.wants) continue;
      if (next === undefined || comesFirst(claimant, next, held)) next = claimant;
    }
    if (next === undefined) break;
    dealt.set(next.id, (dealt.get(next.id) ?? 0) + 1);
  }
  return dealt;
}

function comesFirst(a: Claimant, b: Claimant, held: (claimant: Claimant) => number): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  return held(a) !== held(b) ? held(a) < held(b) : a.id < b.id;
}

/** Whether some path could match a glob of either side. Errs on the side of "yes". */
export function scopesOverlap(a: readonly string[], b: readonly string[]): boolean {
  return a.some((left) => b.some((right) => globsMayMeet(left, right)));
}

function globsMayMeet(left: string, right: string): boolean {
  const [a, b] = [literalPrefix(left), literalPrefix(right)];
  return a.startsWith(b) || b.startsWith(a);
}

/** The part before the first special character; one without any may be a folder. */
function literalPrefix(glob: string): string {
  const plain = glob.startsWith('./') ? glob.slice(2) : glob;
  const special = plain.search(/[*?[{(!\\]/);
  return special < 0 ? `${plain}/` : plain.slice(0, special);
}
