import { LISTING_VERBS, NO_STATEMENT_AFTER, OTHER_OBJECTS, TABLE_VERBS } from './sql-words.js';

/** Inside of one pair of parentheses, or a statement's outside. */
export interface Frame {
  verb: string;
  /** Which names follow a comma: tables or functions (`from`), tables only (`names`), neither. */
  clause: 'from' | 'names' | null;
  /** What the next token must be. */
  expect: 'from' | 'names' | 'one' | 'column' | null;
  /** Whether the next name may be an alias that FROM declares later. */
  target: boolean;
  /** Whether the next ON is followed by a table. */
  onTable: boolean;
  /** Whether FROM is a clause here, and no part of a call such as EXTRACT(year FROM x). */
  query: boolean;
  union: boolean;
  returning: boolean;
  recursive: boolean;
  readonly ctes: Set<string>;
  /** The table expression whose body this is. */
  readonly cte: string | null;
}

/** The frame of a statement, or of a parenthesis when `query` is false. */
export function newFrame(query: boolean, cte: string | null = null): Frame {
  return {
    verb: '',
    clause: null,
    expect: null,
    target: false,
    onTable: false,
    query,
    union: false,
    returning: false,
    recursive: false,
    ctes: new Set(),
    cte,
  };
}

/** What a keyword sees around it, and what it can do beside changing its frame. */
export interface Around {
  readonly before: string;
  readonly beforeThat: string;
  readonly next: string;
  readonly nextIsName: boolean;
  /** What the statement creates, alters or drops. */
  object: string;
  readonly routine: boolean;
  readCte(offset: number): void;
  undecided(): void;
}

type Handler = (frame: Frame, around: Around) => void;

function expectNames(frame: Frame, clause: 'from' | 'names'): void {
  frame.clause = clause;
  frame.expect = clause;
}

function begins({ before }: Around): boolean {
  return !NO_STATEMENT_AFTER.has(before);
}

const from: Handler = (frame, around) => {
  if (!frame.query) return;
  if (around.before === 'DISTINCT' && /^(?:IS|NOT)$/.test(around.beforeThat)) return;
  if (/^(?:COPY|REVOKE|FETCH|PREPARE|BULK|GRANT|DENY|EXECUTE|LOAD|MOVE)$/.test(frame.verb)) return;
  if (frame.verb === 'SHOW') {
    if (/^(?:COLUMNS|FIELDS|INDEX|INDEXES|KEYS)$/.test(around.before)) frame.expect = 'one';
    return;
  }
  frame.target = frame.verb === 'DELETE' && frame.clause === null;
  expectNames(frame, 'from');
};

const join: Handler = (frame) => {
  frame.target = false;
  expectNames(frame, 'from');
};

const into: Handler = (frame, around) => {
  if (frame.returning || /^(?:FETCH|EXECUTE|MOVE)$/.test(frame.verb)) return;
  if (frame.verb === 'SELECT' && (around.routine || /^(?:OUTFILE|DUMPFILE|STRICT)$/.test(around.next)))
    return;
  frame.expect = 'one';
};

const update: Handler = (frame, around) => {
  if (!begins(around) || around.next === 'SET' || around.next === '(' || frame.verb === 'GRANT') return;
  frame.verb = 'UPDATE';
  frame.query = true;
  frame.target = true;
  expectNames(frame, 'names');
};

const remove: Handler = (frame, around) => {
  if (!begins(around) || frame.verb === 'GRANT' || (frame.verb === 'MERGE' && around.before === 'THEN'))
    return;
  frame.verb = 'DELETE';
  frame.query = true;
  if (around.next === 'FROM' || !around.nextIsName) {
    frame.clause = null;
    frame.target = around.next === 'TOP';
    if (frame.target) expectNames(frame, 'names');
    return;
  }
  frame.target = true;
  expectNames(frame, 'names');
};

const insert: Handler = (frame, around) => {
  if (!begins(around) || frame.verb === 'GRANT' || around.next === '(') return;
  if (frame.verb !== 'BULK') frame.verb = 'INSERT';
  frame.query = true;
  frame.clause = null;
  if (around.nextIsName && !/^(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|TOP|OVERWRITE)$/.test(around.next))
    frame.expect = 'one';
  if (around.next === 'TOP') frame.expect = 'one';
};

const replace: Handler = (frame, around) => {
  if (!begins(around) || around.next === '(' || frame.verb !== '') return;
  frame.verb = 'INSERT';
  frame.query = true;
  if (around.nextIsName) frame.expect = 'one';
};

const table: Handler = (frame, around) => {
  if (around.object === '') around.object = 'TABLE';
  if (frame.verb === 'COMMENT' || !TABLE_VERBS.has(frame.verb) || around.next === '(') return;
  if (around.object !== 'TABLE' && around.before !== 'ON') return;
  if (LISTING_VERBS.has(frame.verb)) expectNames(frame, 'names');
  else frame.expect = 'one';
};

const view: Handler = (frame, around) => {
  if (around.object !== '') return;
  around.object = 'VIEW';
  if (frame.verb === 'DROP') expectNames(frame, 'names');
  else if (/^(?:CREATE|ALTER|REFRESH|SHOW)$/.test(frame.verb)) frame.expect = 'one';
};

/** Objects that belong to a table, which follows ON. */
const onTable: Handler = (frame, around) => {
  if (around.object !== '' || !/^(?:CREATE|DROP|ALTER|COMMENT)$/.test(frame.verb)) return;
  frame.onTable = true;
};

const named =
  (object: string, more?: Handler): Handler =>
  (frame, around) => {
    more?.(frame, around);
    if (around.object === '') around.object = object;
  };

const verb =
  (name: string): Handler =>
  (frame, around) => {
    if (frame.verb === '' && begins(around)) frame.verb = name;
  };

const granting =
  (name: string): Handler =>
  (frame) => {
    if (frame.verb !== '') return;
    frame.verb = name;
    frame.onTable = true;
  };

/** What each keyword does to the frame that it stands in. */
export const HANDLERS: Readonly<Record<string, Handler>> = {
  SELECT: (frame) => {
    if (frame.verb === 'GRANT' || frame.verb === 'REVOKE' || frame.verb === 'DENY') return;
    frame.verb = 'SELECT';
    frame.query = true;
    frame.clause = null;
    frame.returning = false;
  },
  FROM: from,
  JOIN: join,
  STRAIGHT_JOIN: join,
  APPLY: (frame, around) => {
    if (/^(?:CROSS|OUTER)$/.test(around.before)) join(frame, around);
  },
  INTO: into,
  UPDATE: update,
  DELETE: remove,
  INSERT: insert,
  REPLACE: replace,
  MERGE: (frame, around) => {
    if (!begins(around) || around.next === 'JOIN' || around.next === '(') return;
    frame.verb = 'MERGE';
    frame.query = true;
    if (around.next !== 'INTO') frame.expect = 'one';
  },
  USING: (frame, around) => {
    if (!/^(?:MERGE|DELETE)$/.test(frame.verb)) return;
    frame.target = false;
    if (around.next !== '(') expectNames(frame, 'from');
    else if (frame.verb === 'DELETE') frame.clause = 'from';
  },
  WITH: (frame, around) => {
    frame.recursive = around.next === 'RECURSIVE';
    around.readCte(frame.recursive ? 2 : 1);
  },
  TABLE: table,
  TABLES: (frame, around) => {
    if (frame.verb === 'LOCK') table(frame, around);
  },
  VIEW: view,
  INDEX: named('INDEX', onTable),
  TRIGGER: named('TRIGGER', onTable),
  POLICY: named('POLICY', onTable),
  RULE: named('RULE', onTable),
  DO: (frame, around) => {
    if (frame.verb === '' && around.before !== 'CONFLICT') named('DO')(frame, around);
  },
  FUNCTION: named('FUNCTION'),
  PROCEDURE: named('PROCEDURE'),
  PROC: named('PROCEDURE'),
  REFERENCES: (frame, around) => {
    if (around.nextIsName) frame.expect = 'one';
  },
  LIKE: (frame, around) => {
    if (
      around.object === 'TABLE' &&
      (around.before === '(' || around.beforeThat === 'EXISTS' || around.beforeThat === 'TABLE')
    )
      frame.expect = 'one';
  },
  INHERITS: (frame) => {
    frame.expect = 'names';
  },
  OF: (frame, around) => {
    if (around.before === 'PARTITION' && around.object === 'TABLE') frame.expect = 'one';
  },
  PARTITION: (frame, around) => {
    if (/^(?:ATTACH|DETACH)$/.test(around.before)) frame.expect = 'one';
  },
  TO: (frame, around) => {
    if (around.object === 'TABLE' && (around.before === 'RENAME' || frame.verb === 'RENAME'))
      frame.expect = 'one';
  },
  COMMENT: (frame, around) => {
    if (frame.verb !== '') return;
    frame.verb = 'COMMENT';
    frame.onTable = around.next === 'ON';
  },
  CREATE: verb('CREATE'),
  ALTER: verb('ALTER'),
  DROP: verb('DROP'),
  RENAME: verb('RENAME'),
  REFRESH: verb('REFRESH'),
  OPTIMIZE: verb('OPTIMIZE'),
  REPAIR: verb('REPAIR'),
  CHECK: verb('CHECK'),
  SHOW: verb('SHOW'),
  LOAD: verb('LOAD'),
  REINDEX: verb('REINDEX'),
  FLUSH: verb('FLUSH'),
  FETCH: verb('FETCH'),
  MOVE: verb('MOVE'),
  PREPARE: verb('PREPARE'),
  BULK: verb('BULK'),
  TRUNCATE: (frame, around) => {
    if (frame.verb !== '' || !begins(around) || around.next === '(') return;
    frame.verb = 'TRUNCATE';
    expectNames(frame, 'names');
  },
  GRANT: granting('GRANT'),
  REVOKE: granting('REVOKE'),
  DENY: granting('DENY'),
  EXEC: (_frame, around) => {
    if (/^[@(]/.test(around.next)) around.undecided();
  },
  EXECUTE: (_frame, around) => {
    if (/^[@(]/.test(around.next) || around.next === 'FORMAT') around.undecided();
  },
};

/** What ON makes of its frame; true where the keyword after it is used up. */
export function on(frame: Frame, next: string): boolean {
  if (next === 'CONFLICT' || next === 'DUPLICATE') frame.clause = null;
  if (!frame.onTable) return false;
  frame.onTable = false;
  if (frame.verb === 'COMMENT' && !/^(?:TABLE|VIEW|COLUMN|MATERIALIZED)$/.test(next)) {
    frame.onTable = /^(?:TRIGGER|POLICY|RULE|CONSTRAINT)$/.test(next);
    return false;
  }
  if (OTHER_OBJECTS.has(next)) return false;
  frame.expect = next === 'COLUMN' ? 'column' : 'one';
  if (next !== 'COLUMN' && LISTING_VERBS.has(frame.verb)) expectNames(frame, 'names');
  return /^(?:COLUMN|TABLE|VIEW|MATERIALIZED)$/.test(next);
}
