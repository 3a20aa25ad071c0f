import pg from 'pg';
import { nameOf } from './statement-names.js';

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Whether anybody looks at its rows. */
  readonly wantsRows: boolean;
}

/** What a statement answered. */
export interface Answer {
  /** What the server says it was: `SELECT 3`, `COMMIT`. */
  readonly command: string;
  /** Empty where nobody wants them. */
  readonly rows: readonly unknown[];
}

/** Where a column goes, and how it is read: `task.id` is the member `id` of the row's `task`. */
interface Column {
  readonly group: string | null;
  readonly name: string;
  readonly read: (text: string) => unknown;
}

/** Those of a prepared statement, as a connection described it. */
type Columns = readonly Column[];

interface Connection {
  readonly stream: { cork(): void; uncork(): void };
  parse(message: { name: string; text: string }): void;
  bind(message: { statement: string; values: unknown[]; valueMapper: (value: unknown) => unknown }): void;
  describe(message: { type: 'P'; name: '' }): void;
  execute(message: object): void;
  sync(): void;
}

/** What each connection has prepared, and how it described the answers. */
const known = new WeakMap<object, Map<string, Columns | null>>();

const { prepareValue } = (pg as unknown as { utils: { prepareValue: (value: unknown) => unknown } }).utils;

/** Times are written in UTC, which costs a tenth of the local time with its offset. */
const valueMapper = (value: unknown): unknown =>
  value instanceof Date ? value.toISOString() : prepareValue(value);

/**
 * Statements that are sent as one packet and answered as one: with a synchronisation of their own each would cost a
 * write, a read and a turn of both processes. The first that fails ends the batch, and those after it are not executed.
 * Each is prepared, and described, once per connection.
 */
export class StatementBatch extends pg.Query {
  private readonly answers: Answer[] = [];
  private readonly columns: (Columns | null)[] = [];
  private prepared: Map<string, Columns | null> = new Map();
  private collected: unknown[] = [];
  private unread: unknown = null;
  /** Whether it prepared something: after a failure nobody knows what of it the connection has. */
  prepares = false;

  constructor(
    private readonly statements: readonly Statement[],
    private readonly done: (error: unknown, answers: readonly Answer[]) => void,
  ) {
    super('', undefined, () => undefined);
  }

  override submit = (connection: pg.Connection): void => {
    const server = connection as unknown as Connection;
    this.prepared = known.get(connection) ?? new Map<string, Columns | null>();
    known.set(connection, this.prepared);
    server.stream.cork();
    try {
      for (const statement of this.statements) this.put(server, statement);
      server.sync();
    } finally {
      server.stream.uncork();
    }
  };

  private put(server: Connection, { text, values, wantsRows }: Statement): void {
    const name = nameOf(text);
    if (!this.prepared.has(name)) {
      server.parse({ name, text });
      this.prepared.set(name, null);
      this.prepares = true;
    }
    server.bind({ statement: name, values: [...values], valueMapper });
    const columns = this.prepared.get(name) ?? null;
    this.columns.push(columns);
    if (wantsRows && columns === null) server.describe({ type: 'P', name: '' });
    server.execute({});
  }

  handleRowDescription({
    fields,
  }: {
    readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  }): void {
    const columns = fields.map(columnOf);
    const at = this.answers.length;
    this.columns[at] = columns;
    this.prepared.set(nameOf(this.statements[at]?.text ?? ''), columns);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const at = this.answers.length;
    const columns = this.columns[at];
    if (this.statements[at]?.wantsRows !== true || columns === null || columns === undefined) return;
    try {
      this.collected.push(rowOf(columns, fields));
    } catch (error) {
      this.unread ??= error;
    }
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.answers.push({ command: text, rows: this.collected });
    this.collected = [];
  }

  handleReadyForQuery(): void {
    this.done(this.unread, this.answers);
  }

  handleError(error: unknown): void {
    this.done(error, this.answers);
  }
}

function columnOf(field: { readonly name: string; readonly dataTypeID: number }): Column {
  const dot = field.name.indexOf('.');
  const read = pg.types.getTypeParser(field.dataTypeID, 'text') as (text: string) => unknown;
  const group = dot === -1 ? null : field.name.slice(0, dot);
  return { group, name: field.name.slice(dot + 1), read };
}

function rowOf(columns: Columns, fields: readonly (string | null)[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  let at = 0;
  for (const { group, name, read } of columns) {
    const field = fields[at] ?? null;
    const into = group === null ? row : ((row[group] ??= {}) as Record<string, unknown>);
    into[name] = field === null ? null : read(field);
    at += 1;
  }
  return row;
}
