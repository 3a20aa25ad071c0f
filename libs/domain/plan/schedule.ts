/** Which ready tasks start now: the window of one plan. */

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
