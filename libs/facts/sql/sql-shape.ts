import { sqlTokens, type SqlToken } from './sql-tokens.js';
import { CLAUSES, RESERVED } from './sql-words.js';

/** Words that a sentence has where a statement has the name of a table. */
const PROSE = new Set(
  (
    'THE A AN YOUR MY OUR THIS THAT THESE THOSE ITS THEIR ANY EACH HERE THERE WHICH WHAT SOME OTHER ANOTHER ONE HIS HER ' +
    'YOU WE THEY IT PLEASE'
  ).split(' '),
);
const OBJECTS =
  /^(?:TABLE|INDEX|VIEW|TRIGGER|FUNCTION|PROCEDURE|PROC|TYPE|SCHEMA|SEQUENCE|EXTENSION|POLICY|DATABASE|ROLE|RULE|DOMAIN)$/;
const ALTERATIONS =
  /^(?:ADD|DROP|ALTER|RENAME|ENABLE|DISABLE|SET|OWNER|MODIFY|CHANGE|ATTACH|DETACH|VALIDATE|CLUSTER|INHERIT|NO|WITH|CHECK|REPLICA|FORCE|ENGINE|ORDER|AUTO_INCREMENT|CONVERT|SWITCH|REBUILD)$/;

/**
 * Whether a literal is SQL. Statements must have the shape of one, so that "update available" and "Please select from
 * the menu" are none; a text that is handed to a call which runs SQL (`trusted`) needs no more than a verb.
 */
export function isSql(text: string, trusted: boolean): boolean {
  const { tokens } = sqlTokens(text);
  return statements(tokens).some((statement) => new Shape(statement, trusted).holds());
}

/** The words that some statement or fragment of this build's shapes begins with; a text without them is no SQL. */
export const SQL_HINT =
  '(?i)\\b(?:select|insert|update|delete|merge|replace|create|alter|drop|truncate|from|join|into|table|copy|with|grant|revoke|set)\\b';

function statements(tokens: readonly SqlToken[]): SqlToken[][] {
  const result: SqlToken[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'punct' && token.text === ';') result.push([]);
    else result.at(-1)?.push(token);
  }
  return result.filter((statement) => statement.length > 1);
}

class Shape {
  private readonly tokens: readonly SqlToken[];

  constructor(
    tokens: readonly SqlToken[],
    private readonly trusted: boolean,
  ) {
    const first = tokens.findIndex((token) => token.text !== '(');
    this.tokens = tokens.slice(Math.max(0, first));
  }

  holds(): boolean {
    const first = this.tokens[0];
    if (first?.kind !== 'word') return false;
    const shape = SHAPES[first.upper];
    if (shape === undefined) return false;
    if (this.trusted) return first.upper !== 'FROM' && first.upper !== 'JOIN';
    if (this.endsAsSentence()) return false;
    if (/^[A-Z][a-z]/.test(first.text) && !this.hasEvidence()) return false;
    return shape(this);
  }

  key(index: number): string {
    const token = this.tokens[index];
    return token === undefined || token.kind === 'name' || token.kind === 'string' ? '' : token.upper;
  }

  /** The first of these keywords outside of parentheses, from an index on; -1 where there is none. */
  find(keys: RegExp, from = 1): number {
    let depth = 0;
    for (let index = from; index < this.tokens.length; index += 1) {
      const key = this.key(index);
      if (key === '(') depth += 1;
      else if (key === ')') depth -= 1;
      else if (depth === 0 && keys.test(key)) return index;
    }
    return -1;
  }

  has(keys: RegExp): boolean {
    return this.tokens.some((_token, index) => keys.test(this.key(index)));
  }

  isUpper(): boolean {
    return this.tokens[0]?.text === this.tokens[0]?.upper;
  }

  isValue(index: number): boolean {
    return /^(?:number|param|string)$/.test(this.tokens[index]?.kind ?? '');
  }

  /** The index behind a table's name; -1 where none can stand here. */
  afterName(index: number): number {
    const token = this.tokens[index];
    if (token === undefined) return -1;
    if (token.kind === 'word' && (RESERVED.has(token.upper) || PROSE.has(token.upper))) return -1;
    if (token.kind === 'number' || token.kind === 'punct') return -1;
    let next = index + 1;
    while (this.key(next) === '.') next += this.key(next + 1) === '.' ? 3 : 2;
    return next;
  }

  /** Whether what follows a table can follow one: the end, a clause, or an alias and then those. */
  endsTable(index: number): boolean {
    let next = index;
    if (this.key(next) === 'AS') next += 2;
    else if (this.isPlain(next)) next += 1;
    const token = this.tokens[next];
    return token === undefined || !this.isPlain(next);
  }

  /** Whether words stand in a row as in a sentence. */
  isProse(from: number, to: number): boolean {
    let row = 0;
    for (let index = from; index < to; index += 1) {
      row = this.isPlain(index) ? row + 1 : 0;
      if (row > 2) return true;
    }
    return false;
  }

  private isPlain(index: number): boolean {
    const token = this.tokens[index];
    return token?.kind === 'word' && !RESERVED.has(token.upper) && !CLAUSES.has(token.upper);
  }

  private endsAsSentence(): boolean {
    const last = this.tokens.at(-1);
    const before = this.tokens.at(-2);
    if (last?.kind === 'punct') return /^[.!:…]$/.test(last.text);
    return (
      last?.text === '?' &&
      before?.kind === 'word' &&
      !/^(?:LIMIT|OFFSET|IN|LIKE|AND|OR|BETWEEN|FROM|SELECT|INTO|THEN|ELSE|NOT|IS|ILIKE|VALUES)$/.test(
        before.upper,
      )
    );
  }

  private hasEvidence(): boolean {
    return this.tokens.some(
      (token) =>
        /^(?:param|name|string)$/.test(token.kind) ||
        /^[*=(]$|[a-z0-9]_[a-z0-9]/i.test(token.text) ||
        /^(?:FROM|INTO|SET|TABLE|From|Into|Set|Table)$/.test(token.text),
    );
  }
}

function tableAt(shape: Shape, index: number): boolean {
  const open = shape.key(index) === '(';
  const after = open
    ? index
    : shape.afterName(/^(?:ONLY|LATERAL)$/.test(shape.key(index)) ? index + 1 : index);
  return open || (after >= 0 && shape.endsTable(after));
}

function select(shape: Shape): boolean {
  const from = shape.find(/^FROM$/);
  if (from > 1) return !shape.isProse(1, from) && tableAt(shape, from + 1);
  if (from === 1) return false;
  return shape.key(2) === '(' || (shape.isValue(1) && !/^\w/.test(shape.key(2).replace(/^AS$/, '')));
}

function insert(shape: Shape): boolean {
  const into = shape.find(/^INTO$/);
  if (into > 4) return false;
  const name = into < 0 ? 1 : into + (shape.key(into + 1) === 'TABLE' ? 2 : 1);
  const after = shape.afterName(name);
  if (after < 0) return false;
  const next = shape.key(after);
  if (next === '') return shape.isUpper() && into > 0;
  return (
    next === '(' ||
    shape.isValue(after) ||
    /^(?:VALUES|VALUE|SELECT|DEFAULT|SET|AS|WITH|EXEC|OUTPUT|PARTITION)$/.test(next)
  );
}

function update(shape: Shape): boolean {
  const set = shape.find(/^SET$/);
  if (set < 2 || shape.isProse(1, set)) return false;
  const name = /^(?:ONLY|LOW_PRIORITY|IGNORE)$/.test(shape.key(1)) ? 2 : shape.key(1) === 'OR' ? 3 : 1;
  if (shape.key(name) !== 'TOP' && shape.afterName(name) < 0) return false;
  const assigned = shape.find(/^=$/, set);
  return (assigned > set && assigned < set + 7) || shape.isValue(set + 1) || shape.key(set + 1) === '(';
}

function remove(shape: Shape): boolean {
  const from = shape.find(/^FROM$/);
  if (from > 0) return !shape.isProse(1, from) && tableAt(shape, from + 1);
  return shape.afterName(1) > 0 && /^(?:WHERE|OUTPUT)$/.test(shape.key(shape.afterName(1)));
}

function create(shape: Shape): boolean {
  const at = shape.find(OBJECTS);
  if (at < 0 || at > 6) return false;
  const object = shape.key(at);
  if (object === 'INDEX' || object === 'TRIGGER' || object === 'POLICY')
    return shape.has(/^ON$/) && shape.has(/^(?:\(|AFTER|BEFORE|FOR|USING|INSTEAD|WITH)$/);
  let name = at + 1;
  while (/^(?:IF|NOT|EXISTS)$/.test(shape.key(name))) name += 1;
  const after = shape.afterName(name);
  if (after < 0) return false;
  if (/^(?:TABLE|VIEW|FUNCTION|PROCEDURE|PROC)$/.test(object)) {
    return shape.isValue(after) || /^(?:\(|AS|LIKE|PARTITION|USING|SELECT|WITH|@\w+)$/.test(shape.key(after));
  }
  return shape.isUpper();
}

function alter(shape: Shape): boolean {
  if (shape.key(1) !== 'TABLE') return shape.isUpper() && OBJECTS.test(shape.key(1));
  let name = 2;
  while (/^(?:IF|EXISTS|ONLY)$/.test(shape.key(name))) name += 1;
  const after = shape.afterName(name);
  return (
    after > 0 &&
    (ALTERATIONS.test(shape.key(after)) ||
      shape.isValue(after) ||
      (shape.key(after) === '' && shape.isUpper()))
  );
}

function drop(shape: Shape): boolean {
  const at = shape.find(OBJECTS);
  if (at < 0 || at > 2) return false;
  let name = at + 1;
  while (/^(?:IF|EXISTS|CONCURRENTLY)$/.test(shape.key(name))) name += 1;
  const after = shape.afterName(name);
  return after > 0 && /^(?:|,|CASCADE|RESTRICT|ON|\()$/.test(shape.key(after));
}

function truncate(shape: Shape): boolean {
  const named = shape.key(1) === 'TABLE';
  if (!named && !shape.isUpper()) return false;
  const after = shape.afterName(named ? 2 : 1);
  return (
    (shape.key(2) === 'ONLY' && named) ||
    (after > 0 && /^(?:|,|CASCADE|RESTART|CONTINUE|RESTRICT)$/.test(shape.key(after)))
  );
}

/** A part of a statement whose other parts are elsewhere. */
function fragment(shape: Shape): boolean {
  return (
    shape.isUpper() && shape.has(/^(?:WHERE|JOIN|ON|GROUP|ORDER)$/) && shape.has(/^=$|^BY$|^ON$|^IN$|^IS$/)
  );
}

const upper = (shape: Shape): boolean => shape.isUpper();

/** Too short to tell from a title: SQL only where a call runs it. */
const never = (): boolean => false;

/** What must hold behind each word that a statement can begin with. */
const SHAPES: Readonly<Record<string, (shape: Shape) => boolean>> = {
  SELECT: select,
  INSERT: insert,
  REPLACE: (shape) => shape.key(1) === 'INTO' && insert(shape),
  UPDATE: update,
  DELETE: remove,
  MERGE: (shape) => shape.has(/^USING$/) && shape.has(/^ON$/) && shape.has(/^MATCHED$/),
  WITH: (shape) =>
    shape.has(/^AS$/) && shape.has(/^\($/) && shape.has(/^(?:SELECT|VALUES|INSERT|UPDATE|DELETE)$/),
  CREATE: create,
  ALTER: alter,
  DROP: drop,
  TRUNCATE: truncate,
  COPY: (shape) =>
    shape.isUpper() && shape.has(/^(?:FROM|TO)$/) && shape.has(/^(?:STDIN|STDOUT|WITH|CSV|\()$/),
  GRANT: (shape) => shape.isUpper() && shape.has(/^ON$/) && shape.has(/^TO$/),
  REVOKE: (shape) => shape.isUpper() && shape.has(/^ON$/) && shape.has(/^FROM$/),
  COMMENT: (shape) => shape.key(1) === 'ON' && shape.has(/^IS$/),
  LOCK: (shape) => /^TABLES?$/.test(shape.key(1)) && upper(shape),
  RENAME: (shape) => shape.key(1) === 'TABLE' && shape.has(/^TO$/),
  REFRESH: (shape) => shape.key(1) === 'MATERIALIZED' && shape.key(2) === 'VIEW',
  LOAD: (shape) => shape.key(1) === 'DATA' && shape.has(/^INFILE$/),
  EXPLAIN: (shape) => shape.has(/^(?:SELECT|INSERT|UPDATE|DELETE)$/) && upper(shape),
  BULK: (shape) => shape.key(1) === 'INSERT' && upper(shape),
  EXEC: (shape) => /^(?:SP_EXECUTESQL|\()$/.test(shape.key(1)),
  EXECUTE: (shape) => /^(?:SP_EXECUTESQL|\(|IMMEDIATE)$/.test(shape.key(1)),
  DO: (shape) => shape.isUpper() && shape.isValue(1),
  DECLARE: (shape) => shape.isUpper() && shape.has(/^(?:@\w+|CURSOR)$/),
  VACUUM: never,
  ANALYZE: never,
  DESCRIBE: never,
  TABLE: never,
  SHOW: (shape) => upper(shape) && shape.has(/^(?:COLUMNS|TABLES|TABLE|INDEX|FIELDS)$/),
  FROM: fragment,
  JOIN: fragment,
  LEFT: fragment,
  INNER: fragment,
};
