import type { JoinedWrite } from './joined-writes.js';
import type { SqlTx } from './sql.js';

/** A transaction in which the writes of a decision can wait for those of the next one, to be written with them. */
export class HeldTx implements SqlTx {
  private held: (() => void) | null = null;

  constructor(private readonly tx: SqlTx) {}

  /** @param write sends what waits: called before anything else is sent, unless it is dropped */
  hold(write: () => void): void {
    this.held = write;
  }

  /** Nothing waits any more. */
  drop(): void {
    this.held = null;
  }

  rows<T>(text: string, values?: readonly unknown[]): Promise<T[]> {
    this.release();
    return this.tx.rows<T>(text, values);
  }

  send(text: string, values?: readonly unknown[]): void {
    this.release();
    this.tx.send(text, values);
  }

  join(write: JoinedWrite): void {
    this.release();
    this.tx.join(write);
  }

  private release(): void {
    const write = this.held;
    this.held = null;
    write?.();
  }
}
