import pg from 'pg';
import { Fenced } from '#engine/fenced.js';
import { JoinedWrites, type JoinedStatement, type JoinedWrite } from './joined-writes.js';
import { StatementBatch, type Answer, type Statement } from './statement-batch.js';

/**
 * The write path's own connections. Prisma holds the schema, its migrations and the reads of views; what runs under a
 * plan's lock is written in SQL, sent without waiting for the answer before, and prepared once per connection.
 */
export interface Sql {
  /**
   * Runs `work` in one transaction. Writes that it sent and did not wait for are waited for here: the transaction
   * commits when all of them, and `work`, succeeded.
   *
   * @param after sends reads on the same connection, outside of the transaction, right behind its commit; nobody but itself
   *   waits for what it returns
   * @throws Fenced when a guarded write met no row; the first error otherwise. Nothing is left behind then
   */
  transaction<T>(
    work: (tx: SqlTx) => Promise<T>,
    after?: (result: T, db: Pick<SqlTx, 'rows'>) => Promise<void>,
  ): Promise<T>;
  /** Runs `work` on one moment of the database; it can write nothing. */
  read<T>(work: (tx: Pick<SqlTx, 'rows'>) => Promise<T>): Promise<T>;
  /** One statement outside any transaction. */
  rows<T>(text: string, values?: readonly unknown[]): Promise<T[]>;
  close(): Promise<void>;
}

export interface SqlTx {
  /** Sends a statement, with all others of this turn; the answer sees everything sent before it. */
  rows<T>(text: string, values?: readonly unknown[]): Promise<T[]>;
  /** Sends a write whose answer nobody needs; an error of it fails the transaction. */
  send(text: string, values?: readonly unknown[]): void;
  /** The same, in one statement with writes to other tables that are joined before and after it. */
  join(write: JoinedWrite): void;
}

/** What `expect_rows` of the migrations raises. */
const FENCED = 'PW001';
/** A process that is stopped inside a transaction must not hold a plan's lock for longer. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/**
 * Every statement finds its rows by an index. A plan that was made while a table was small, and is kept for as long as
 * the connection lives, must not read the whole table once it is large; and planning anew costs more than executing.
 */
const PLANNING =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan -c jit=off';

/** @param onError told of what nobody waits for: idle connections that broke, reads after a commit that failed */
export function openSql(url: string, onError: (error: Error) => void = () => {}): Sql {
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    connectionTimeoutMillis: 5_000,
    lock_timeout: 15_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    options: PLANNING,
    pipeline: true,
  } as pg.PoolConfig);
  pool.on('error', onError);
  // The pool listens to idle connections only; one in use that breaks between two queries must not end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    transaction: (work, after) => inTransaction({ pool, onError, begin: 'BEGIN' }, work, after),
    read: (work) => inTransaction({ pool, onError, begin: READ_ONLY }, work),
    rows: <T>(text: string, values: readonly unknown[] = []) => outside<T>(pool, text, values),
    close: () => pool.end(),
  };
}

async function outside<T>(pool: pg.Pool, text: string, values: readonly unknown[]): Promise<T[]> {
  const client = await pool.connect();
  const pipeline = new Pipeline(client);
  try {
    const { rows } = await pipeline.add({ text, values, wantsRows: true });
    return rows as T[];
  } finally {
    client.release(pipeline.broken);
  }
}

const READ_ONLY = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

interface Opening {
  readonly pool: pg.Pool;
  readonly begin: string;
  readonly onError: (error: Error) => void;
}

async function inTransaction<T>(
  { pool, begin, onError }: Opening,
  work: (tx: SqlTx) => Promise<T>,
  after?: (result: T, db: Pick<SqlTx, 'rows'>) => Promise<void>,
): Promise<T> {
  const client = await pool.connect();
  const tx = new OpenTx(new Pipeline(client));
  tx.send(begin);
  let looked: Promise<void> | undefined;
  try {
    const result = await work(tx);
    const committed = tx.commit();
    // The database works on that while the reads are made.
    tx.flush();
    looked = after?.(result, tx);
    await committed;
    void (looked ?? Promise.resolve()).catch(onError).then(() => client.release(tx.broken));
    return result;
  } catch (error) {
    await looked?.catch(() => undefined);
    const cause = await tx.rollback(error);
    client.release(tx.broken);
    throw (cause as { code?: unknown }).code === FENCED ? new Fenced((cause as Error).message) : cause;
  }
}

class OpenTx implements SqlTx {
  private readonly joined = new JoinedWrites();

  constructor(private readonly pipeline: Pipeline) {}

  /** Whether the connection is in an unknown state. */
  get broken(): boolean {
    return this.pipeline.broken;
  }

  async rows<T>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    this.write(this.joined.take());
    const { rows } = await this.pipeline.add({ text, values, wantsRows: true });
    return rows as T[];
  }

  send(text: string, values: readonly unknown[] = []): void {
    this.write(this.joined.take());
    this.write({ text, values });
  }

  join(write: JoinedWrite): void {
    this.write(this.joined.add(write));
  }

  /** Sends what waits for the end of this turn. */
  flush(): void {
    this.pipeline.flush();
  }

  /** What is sent after it in the same turn is answered by itself. */
  async commit(): Promise<void> {
    this.write(this.joined.take());
    const answer = this.pipeline.add({ text: 'COMMIT', values: [], wantsRows: false });
    this.pipeline.endBatch();
    const { command } = await answer;
    if (command !== 'COMMIT') throw new Error('the transaction was undone by the database');
  }

  private write(statement: JoinedStatement | null): void {
    if (statement !== null) this.pipeline.add({ ...statement, wantsRows: false }).catch(() => {});
  }

  /** @returns what went wrong first: later errors only follow from it */
  async rollback(error: unknown): Promise<unknown> {
    await this.pipeline.settled();
    const cause = this.pipeline.firstError?.error ?? error;
    const undone = { text: 'ROLLBACK', values: [], wantsRows: false };
    if (!this.broken) await this.pipeline.add(undone).catch(() => (this.pipeline.broken = true));
    return cause;
  }
}

interface Sent extends Statement {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Statements on one connection: those of one turn go as one packet, and none waits for the answers to another. */
class Pipeline {
  /** Whether the connection is in an unknown state. */
  broken = false;
  firstError: { readonly error: unknown } | null = null;
  /** What is sent at the end of this turn: batches, each answered as one. */
  private turn: Sent[][] = [];
  private last: Promise<void> = Promise.resolve();
  private batchEnds = false;

  constructor(private readonly client: pg.PoolClient) {}

  add(statement: Statement): Promise<Answer> {
    return new Promise((resolve, reject) => {
      // After all that goes on with the answers that are here.
      if (this.turn.length === 0) process.nextTick(() => this.flush());
      const batch = this.batchEnds ? undefined : this.turn.at(-1);
      const sent = { ...statement, resolve, reject };
      if (batch === undefined) this.turn.push([sent]);
      else batch.push(sent);
      this.batchEnds = false;
    });
  }

  /** What comes after it in this turn is a batch of its own. */
  endBatch(): void {
    this.batchEnds = true;
  }

  /** Resolves when everything was answered. */
  async settled(): Promise<void> {
    this.flush();
    await this.last;
  }

  flush(): void {
    const batches = this.turn;
    if (batches.length === 0) return;
    this.turn = [];
    this.batchEnds = false;
    const { stream } = (this.client as unknown as { connection: { stream: Corked } }).connection;
    stream.cork();
    try {
      // Answers come in order: when those to the last batch are here, all are.
      for (const batch of batches) this.last = this.submit(batch);
    } finally {
      stream.uncork();
    }
  }

  private submit(sent: readonly Sent[]): Promise<void> {
    return new Promise((resolve) => {
      const batch = new StatementBatch(sent, (error, answers) => {
        if (error !== null) {
          this.firstError ??= { error };
          this.broken ||= batch.prepares;
        }
        for (const [at, { resolve: answer, reject }] of sent.entries()) {
          const own = answers[at];
          if (error === null && own !== undefined) answer(own);
          else reject(error);
        }
        resolve();
      });
      this.client.query(batch);
    });
  }
}

/** A socket that keeps what is written to it for one packet. */
interface Corked {
  cork(): void;
  uncork(): void;
}
