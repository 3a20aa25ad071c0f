/** Runs one task at a time, in order of arrival; a failing task does not stop the next. */
export class Mutex {
  private tail: Promise<unknown> = Promise.resolve();

  /** Resolves or rejects as `task` does, after all earlier tasks have ended. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.tail.then(task);
    this.tail = result.catch(() => undefined);
    return result;
  }
}
