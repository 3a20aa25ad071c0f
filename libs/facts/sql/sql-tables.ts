import { HANDLERS, newFrame, on, type Around, type Frame } from './sql-keywords.js';
import { HOLE, sqlTokens, type SqlToken } from './sql-tokens.js';
import { BARE_VERBS, CLAUSES, LISTING_VERBS, RESERVED, SKIPPED, VERBS } from './sql-words.js';

export interface SqlTable {
  /** As written, without quotes; a schema is kept: `schema.table`. */
  readonly table: string;
  /** 0-based line inside the text. */
  readonly line: number;
}

export interface SqlTables {
  readonly tables: readonly SqlTable[];
  /** False where another table may be named: broken text, an unknown statement, a name that is made at run time. */
  readonly complete: boolean;
}

interface Found extends SqlTable {
  readonly target: boolean;
}

const MAX_NESTING = 8;

/**
 * Tables and views that SQL names, in one statement or many, of PostgreSQL, MySQL, SQLite or T-SQL. Names of common
 * table expressions, functions, aliases and table variables are none. Broken SQL gives what can be found, and
 * `complete: false`.
 */
export function tablesOfSql(text: string): SqlTables {
  return read(text, false, 0);
}

function read(text: string, routine: boolean, nesting: number): SqlTables {
  if (nesting > MAX_NESTING) return { tables: [], complete: false };
  const { tokens, closed } = sqlTokens(text);
  const reader = new StatementReader(tokens, routine, nesting);
  reader.run();
  return { tables: reader.tables, complete: reader.complete && closed };
}

class StatementReader {
  readonly tables: SqlTable[] = [];
  complete = true;
  private at = 0;
  private frames: Frame[] = [newFrame(true)];
  private found: Found[] = [];
  private aliases = new Set<string>();
  private started = false;
  private object = '';

  constructor(
    private readonly tokens: readonly SqlToken[],
    private readonly routine: boolean,
    private readonly nesting: number,
  ) {}

  run(): void {
    for (this.at = 0; this.at < this.tokens.length; this.at += 1)
      this.token(this.tokens[this.at] as SqlToken);
    this.endStatement();
  }

  private get frame(): Frame {
    return this.frames.at(-1) as Frame;
  }

  private peek(offset: number): SqlToken | undefined {
    return this.tokens[this.at + offset];
  }

  /** The keyword or punctuation at an offset; a quoted name is neither. */
  private key(offset: number): string {
    const token = this.peek(offset);
    return token === undefined || token.kind === 'name' || token.kind === 'string' ? '' : token.upper;
  }

  private token(token: SqlToken): void {
    if (token.kind === 'punct') return this.punctuation(token);
    if (this.frame.expect !== null && this.expected(token)) return;
    if (token.kind === 'string') return this.string(token);
    if (token.kind !== 'word' || this.key(-1) === '.') return;
    if (!this.started) this.start(token);
    this.keyword(token.upper);
  }

  private start(token: SqlToken): void {
    this.started = true;
    if (this.key(1) === ':') return;
    if (!VERBS.has(token.upper) && !this.routine) this.complete = false;
    if (BARE_VERBS.has(token.upper) && this.key(1) !== '(' && this.nextIsName()) {
      this.frame.verb = token.upper;
      const list = LISTING_VERBS.has(token.upper);
      this.frame.expect = list ? 'names' : 'one';
      if (list) this.frame.clause = 'names';
    }
  }

  private punctuation(token: SqlToken): void {
    const frame = this.frame;
    if (token.text === ';') return this.endStatement();
    if (token.text === '(') return this.open();
    if (token.text === ')') return this.close();
    if (token.text === ',' && frame.clause !== null) frame.expect = frame.clause;
    else frame.expect = null;
  }

  private open(): void {
    const outer = this.frame;
    const first = this.peek(1);
    const query =
      first?.kind === 'word' &&
      /^(?:SELECT|WITH|VALUES|TABLE|INSERT|UPDATE|DELETE|MERGE|FROM)$/.test(first.upper);
    const inherits = outer.expect === 'from' || (outer.expect === 'names' && this.key(-1) === 'INHERITS');
    const frame = newFrame(query, this.pendingCte);
    this.pendingCte = null;
    if (inherits && !query) {
      frame.clause = outer.expect === 'from' ? 'from' : 'names';
      frame.expect = frame.clause;
      frame.query = true;
    }
    outer.expect = null;
    this.frames.push(frame);
  }

  private close(): void {
    if (this.frames.length === 1) {
      this.complete = false;
      return;
    }
    const closed = this.frames.pop() as Frame;
    if (closed.cte === null) return;
    this.frame.ctes.add(closed.cte);
    if (this.key(1) === ',') this.readCte(2);
  }

  private endStatement(): void {
    if (this.frames.length > 1 || this.frame.expect !== null) this.complete = false;
    for (const { table, line, target } of this.found) {
      const parts = table.toLowerCase().split('.');
      const isAlias = parts.length > 1 || target ? this.aliases.has(parts[0] as string) : false;
      if (!isAlias) this.tables.push({ table, line });
    }
    this.frames = [newFrame(true)];
    this.found = [];
    this.aliases = new Set();
    this.started = false;
    this.object = '';
  }

  private pendingCte: string | null = null;

  /** `name [(columns)] AS [NOT] [MATERIALIZED] (` at an offset; its body is the next parenthesis that opens after AS. */
  private readCte(offset: number): void {
    const name = this.peek(offset);
    if (name === undefined || (name.kind !== 'word' && name.kind !== 'name')) return;
    let next = offset + 1;
    if (this.key(next) === '(') {
      while (this.peek(next) !== undefined && this.key(next) !== ')') next += 1;
      next += 1;
    }
    if (this.key(next) !== 'AS') return;
    next += 1;
    while (/^(?:NOT|MATERIALIZED)$/.test(this.key(next))) next += 1;
    if (this.key(next) !== '(') return;
    this.pendingCte = name.text.toLowerCase();
    this.at += next - 1;
    if (this.frame.recursive) this.frame.ctes.add(this.pendingCte);
  }

  /** True where the token was the table, or a word before it. */
  private expected(token: SqlToken): boolean {
    const frame = this.frame;
    if (token.kind === 'param') {
      const schema = this.key(1) === '.';
      if (!token.text.startsWith('@') && !schema) this.complete = false;
      if (schema) {
        this.at += 1;
        return true;
      }
      frame.expect = null;
      return true;
    }
    if (token.kind === 'word' && token.upper === 'OR') {
      this.at += 1;
      return true;
    }
    if (token.kind === 'word' && SKIPPED.has(token.upper) && this.key(1) !== '.' && !this.namesTable(token))
      return true;
    if (token.kind === 'word' && token.upper === 'TOP') {
      while (this.peek(1)?.kind === 'number' || /^[()]$/.test(this.key(1)) || this.peek(1)?.kind === 'param')
        this.at += 1;
      return true;
    }
    const named = token.kind === 'name' || (token.kind === 'string' && frame.expect === 'from');
    const bare = token.kind === 'word' && (!RESERVED.has(token.upper) || this.key(1) === '.');
    if (!named && !bare) {
      frame.expect = null;
      if (CLAUSES.has(token.upper)) this.complete = false;
      return false;
    }
    this.name(token, frame);
    return true;
  }

  /** `FROM tables`, `FROM statistics s`: a word that could be skipped, and that nothing else follows. */
  private namesTable(token: SqlToken): boolean {
    if (!/^(?:TABLES|STATISTICS|COLUMN|QUICK|DELAYED|TABLE|VERBOSE)$/.test(token.upper)) return false;
    const next = this.peek(1);
    return (
      next === undefined ||
      (next.kind === 'punct' && next.text !== '(') ||
      (next.kind === 'word' && CLAUSES.has(next.upper))
    );
  }

  private name(first: SqlToken, frame: Frame): void {
    const parts = [first.text];
    while (this.key(1) === '.') {
      if (this.key(2) === '.') this.at += 1;
      const part = this.peek(2);
      if (part === undefined || part.kind === 'punct') break;
      parts.push(part.text);
      this.at += 2;
    }
    const wanted = frame.expect;
    const target = frame.target;
    frame.expect = null;
    if (wanted === 'from' && this.key(1) === '(') return;
    if (wanted === 'from' && this.key(0) === 'ROWS' && this.key(1) === 'FROM') {
      this.at += 1;
      return;
    }
    if (wanted === 'column') parts.pop();
    this.record(parts, first.line, target);
    if (wanted !== 'column') this.alias();
  }

  private record(parts: readonly string[], line: number, target: boolean): void {
    const known = parts.filter((part) => !part.includes(HOLE) && !/^[?%{$:]/.test(part));
    if (parts.length === 0) return;
    if (known.at(-1) !== parts.at(-1)) {
      this.complete = false;
      return;
    }
    const table = known.join('.');
    const bare = table.toLowerCase();
    if (
      parts.length === 1 &&
      (this.isCte(bare) || (this.object === 'TRIGGER' && /^(?:inserted|deleted)$/.test(bare)))
    )
      return;
    this.found.push({ table, line, target });
  }

  private isCte(name: string): boolean {
    return this.frames.some((frame) => frame.ctes.has(name) || (frame.cte === name && frame.union));
  }

  private alias(): void {
    const offset = this.key(1) === 'AS' ? 2 : 1;
    const alias = this.peek(offset);
    if (alias === undefined || (alias.kind !== 'name' && alias.kind !== 'word')) return;
    if (alias.kind === 'word' && (RESERVED.has(alias.upper) || VERBS.has(alias.upper))) return;
    this.aliases.add(alias.text.toLowerCase());
    this.at += offset;
  }

  private string(token: SqlToken): void {
    const before = this.key(-1) === '(' ? this.key(-2) : this.key(-1);
    const dynamic =
      /^(?:EXEC|EXECUTE|IMMEDIATE|SP_EXECUTESQL)$/.test(before) ||
      (before === 'FROM' && this.frame.verb === 'PREPARE');
    const body = /^(?:AS|DO)$/.test(before) && /^(?:FUNCTION|PROCEDURE|DO)$/.test(this.object);
    if (!dynamic && !body) return;
    if (dynamic && /^(?:\|\||\||\+)$/.test(this.key(1))) this.complete = false;
    const inner = read(token.text, body, this.nesting + 1);
    this.complete &&= inner.complete;
    this.tables.push(...inner.tables.map(({ table, line }) => ({ table, line: line + token.line })));
  }

  private keyword(word: string): void {
    const frame = this.frame;
    if (CLAUSES.has(word) && word !== 'SELECT') {
      frame.clause = null;
      frame.target = false;
      frame.union ||= /^(?:UNION|EXCEPT|INTERSECT)$/.test(word);
      frame.returning ||= word === 'RETURNING';
    }
    if (word === 'ON' && on(frame, this.key(1))) this.at += 1;
    const handler = HANDLERS[word];
    if (handler === undefined) return;
    const around = this.around();
    handler(frame, around);
    this.object = around.object;
  }

  private around(): Around {
    return {
      before: this.key(-1),
      beforeThat: this.key(-2),
      next: this.key(1),
      nextIsName: this.nextIsName(),
      object: this.object,
      routine: this.routine,
      readCte: (offset) => this.readCte(offset),
      undecided: () => {
        this.complete = false;
      },
    };
  }

  private nextIsName(): boolean {
    const next = this.peek(1);
    if (next?.kind === 'name' || next?.kind === 'param') return true;
    return next?.kind === 'word' && !RESERVED.has(next.upper);
  }
}
