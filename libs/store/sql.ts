import pg from 'pg';
import { Fenced } from '#engine/fenced.js';

/**
 * The write path's own connections. Prisma holds the schema, its migrations and the reads of views; what runs under a
 * plan's lock is written in SQL, sent without waiting for the answer before, and prepared once per connection.
 */
export interface Sql {
  /**
   * Runs `work` in one transaction. Writes that it sent and did not wait for are waited for here: the transaction
   * commits when all of them, and `work`, succeeded.
   *
   * @throws Fenced when a guarded write met no row; the first error otherwise. Nothing is left behind then
   */
  transaction<T>(work: (tx: SqlTx) => Promise<T>): Promise<T>;
  /** Runs `work` on one moment of the database; it can write nothing. */
  read<T>(work: (tx: Pick<SqlTx, 'rows'>) => Promise<T>): Promise<T>;
  /** One statement outside any transaction. */
  rows<T>(text: string, values?: readonly unknown[]): Promise<T[]>;
  close(): Promise<void>;
}

export interface SqlTx {
  /** Sends a statement; the answer sees everything sent before it. */
  rows<T>(text: string, values?: readonly unknown[]): Promise<T[]>;
  /** Sends a write whose answer nobody needs; an error of it fails the transaction. */
  send(text: string, values?: readonly unknown[]): void;
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

/** @param onError told of idle connections that broke; the pool replaces them */
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
    transaction: (work) => inTransaction(pool, 'BEGIN', work),
    read: (work) => inTransaction(pool, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', work),
    async rows<T>(text: string, values: readonly unknown[] = []) {
      const { rows } = await pool.query(prepared(text, values));
      return rows as T[];
    },
    close: () => pool.end(),
  };
}

async function inTransaction<T>(pool: pg.Pool, begin: string, work: (tx: SqlTx) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  const tx = new OpenTx(client);
  tx.send(begin);
  try {
    const result = await work(tx);
    await tx.commit();
    client.release();
    return result;
  } catch (error) {
    const cause = await tx.rollback(error);
    client.release(tx.broken);
    throw (cause as { code?: unknown }).code === FENCED ? new Fenced((cause as Error).message) : cause;
  }
}

class OpenTx implements SqlTx {
  /** Whether the connection is in an unknown state. */
  broken = false;
  private firstError: { readonly error: unknown } | null = null;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly client: pg.PoolClient) {}

  async rows<T>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    const { rows } = await this.run(text, values);
    return rows as T[];
  }

  send(text: string, values: readonly unknown[] = []): void {
    void this.run(text, values).catch(() => {});
  }

  async commit(): Promise<void> {
    const { command } = await this.run('COMMIT', []);
    if (this.firstError !== null) throw this.firstError.error;
    if (command !== 'COMMIT') throw new Error('the transaction was undone by the database');
  }

  /** @returns what went wrong first: later errors only follow from it */
  async rollback(error: unknown): Promise<unknown> {
    await this.last;
    const cause = this.firstError?.error ?? error;
    await this.client.query('ROLLBACK').catch(() => (this.broken = true));
    return cause;
  }

  private run(text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    const answer = this.client.query(prepared(text, values));
    // Answers come in order: when the last is here, all are.
    this.last = answer.then(
      () => {},
      (error: unknown) => {
        this.firstError ??= { error };
      },
    );
    return answer;
  }
}

const names = new Map<string, string>();

/** Statements are few and their texts fixed: each gets a name, under which a connection prepares it once. */
function prepared(text: string, values: readonly unknown[]): pg.QueryConfig {
  if (values.length === 0) return { text };
  let name = names.get(text);
  if (name === undefined) {
    name = `s${names.size + 1}`;
    names.set(text, name);
  }
  return { name, text, values: [...values] };
}
