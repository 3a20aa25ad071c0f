const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What has to end before this process does, the latest first: also when a signal comes in the middle. */
export class Endings {
  private readonly open: (() => Promise<unknown>)[] = [];
  private ending: Promise<void> | undefined;
  private readonly onSignal = () =>
    void this.endAll()
      .catch(() => undefined)
      .then(() => process.exit(130));

  constructor() {
    for (const signal of SIGNALS) process.once(signal, this.onSignal);
  }

  /** True from the signal or call that ends everything: nothing new should begin. */
  get begun(): boolean {
    return this.ending !== undefined;
  }

  /** Notes an ending. @returns the same, to be called when its time has come; it happens once */
  add(end: () => Promise<unknown>): () => Promise<void> {
    let ended: Promise<unknown> | undefined;
    const once = () => (ended ??= end());
    this.open.push(once);
    return async () => {
      await once();
      const index = this.open.indexOf(once);
      if (index >= 0) this.open.splice(index, 1);
    };
  }

  /** Ends what is open still; further calls wait for the first. @throws what failed first */
  endAll(): Promise<void> {
    this.ending ??= this.endEach();
    return this.ending;
  }

  /** One that fails does not keep the others from it. */
  private async endEach(): Promise<void> {
    const failures: unknown[] = [];
    for (let end = this.open.pop(); end !== undefined; end = this.open.pop()) {
      await end().catch((error: unknown) => failures.push(error));
    }
    for (const signal of SIGNALS) process.removeListener(signal, this.onSignal);
    if (failures.length > 0) throw failures[0];
  }
}
