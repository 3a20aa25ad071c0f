/** Git as the engine sees it: commits with parents, a plan branch and a fence that move together or not at all. */
export class ModelHub {
  tip: string | null = null;
  fence: string | null = null;
  private readonly commits = new Map<
    string,
    { readonly parent: string; readonly taskId: string; readonly patch: string }
  >();

  /** A new commit of a task's work on its parent. @param patch the diff that it makes, where there was one before */
  commit(parent: string, taskId: string, patch?: string): string {
    const id = `commit-${this.commits.size + 1}`;
    this.commits.set(id, { parent, taskId, patch: patch ?? `patch of ${id}` });
    return id;
  }

  /** The patch-id of a commit. */
  patchOf(id: string): string {
    return this.commits.get(id)?.patch ?? '';
  }

  moveFence(expected: string | null, value: string): void {
    if (this.fence === expected) this.fence = value;
  }

  /** One atomic push with leases on the branch and on the fence. */
  push(
    expected: { readonly tip: string | null; readonly fence: string | null },
    newTip: string,
    fence: string,
  ): boolean {
    if (this.tip !== expected.tip || this.fence !== expected.fence) return false;
    this.tip = newTip;
    this.fence = fence;
    return true;
  }

  isAncestor(ancestor: string, of: string): boolean {
    return ancestor === of || this.history(of).some(({ id }) => id === ancestor);
  }

  /** Commits on the way down to the plan's base, the latest first. */
  history(from: string | null): { readonly id: string; readonly taskId: string }[] {
    const found: { id: string; taskId: string }[] = [];
    for (let id = from; id !== null;) {
      const commit = this.commits.get(id);
      if (commit === undefined) break;
      found.push({ id, taskId: commit.taskId });
      id = commit.parent;
    }
    return found;
  }
}
