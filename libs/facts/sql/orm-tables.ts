import { mayMatch } from '../text-gate.js';
import type { SyntaxNode } from '../syntax/syntax-node.js';
import { LiteralTexts, type SourceLanguage } from './literal-text.js';

export interface OrmTable {
  readonly table: string;
  /** 1-based line of the source. */
  readonly line: number;
}

/** One way to name a table in code: what to find, and where in it the name stands. */
interface Finder {
  readonly kind: string;
  /** Of the callee, the annotation's name or the assigned name (Rust syntax). */
  readonly field: string;
  readonly regex: string;
  readonly names: (node: SyntaxNode) => readonly (SyntaxNode | null)[];
}

const args = (node: SyntaxNode): readonly SyntaxNode[] =>
  (node.field('arguments')?.namedChildren() ?? []).filter((arg) => !String(arg.kind()).includes('comment'));

/** The argument of a call, or what an array or an object of aliases in its place holds. */
const argument =
  (index: number, unless = /^$/) =>
  (node: SyntaxNode): readonly (SyntaxNode | null)[] => {
    const callee =
      node.field('function')?.text() ??
      `${node.field('object')?.text() ?? ''}.${node.field('name')?.text() ?? ''}`;
    if (unless.test(callee)) return [];
    const arg = args(node)[index];
    if (arg === undefined) return [];
    if (arg.is('array') || arg.is('list')) return arg.namedChildren();
    return arg.is('object') ? arg.namedChildren().map((pair) => pair.field('value')) : [arg];
  };

const value =
  (...fields: readonly string[]) =>
  (node: SyntaxNode): readonly (SyntaxNode | null)[] =>
    fields
      .map((field) => node.field(field))
      .filter((found) => found !== null)
      .slice(0, 1);

const NO_QUERY =
  /^(?:Array|Buffer|Object|Set|Map|Readable|Observable|Promise|Iterator|String|Number|console|path|\w*Array|React|z|yup|Temporal(?:\.\w+)*)\.|createQueryBuilder/;

const CALL = 'call_expression';

const SCRIPT: readonly Finder[] = [
  {
    kind: CALL,
    field: 'function',
    regex: '^(this\\.|\\w+\\.)?(knex|db|trx|knexClient)$',
    names: argument(0),
  },
  {
    kind: CALL,
    field: 'function',
    regex:
      '\\.(from|into|table|inTable|insertInto|selectFrom|updateTable|deleteFrom|replaceInto|mergeInto|innerJoin|leftJoin|rightJoin|fullJoin|fullOuterJoin|leftOuterJoin|rightOuterJoin|crossJoin|createTable|createTableIfNotExists|dropTable|dropTableIfExists|alterTable|hasTable|hasColumn|renameTable|truncateTable|addColumn|removeColumn|changeColumn|renameColumn|addIndex|removeIndex|addConstraint|bulkInsert|bulkDelete|bulkUpdate|createView|dropView|batchInsert|withSchemaTable)$',
    names: argument(0, NO_QUERY),
  },
  {
    kind: CALL,
    field: 'function',
    regex:
      '^(pgTable|mysqlTable|sqliteTable|mssqlTable|gelTable|singlestoreTable|pgView|mysqlView|sqliteView|pgMaterializedView)$',
    names: argument(0),
  },
  {
    kind: CALL,
    field: 'function',
    regex: '^\\w*(?i:sequelize|db|connection|orm|em)\\.define$',
    names: (node) =>
      node.field('arguments')?.text().includes('tableName') === true ? [] : argument(0)(node),
  },
  {
    kind: CALL,
    field: 'function',
    regex: '^(Entity|ViewEntity|JoinTable|Table|TableInheritance)$',
    names: (node) => {
      if (node.parent()?.is('decorator') !== true) return [];
      const [first] = args(node);
      if (first?.is('object') !== true) return [first ?? null];
      return first
        .namedChildren()
        .filter((pair) => /^(?:name|tableName)$/.test(pair.field('key')?.text() ?? ''))
        .map((pair) => pair.field('value'));
    },
  },
  { kind: 'pair', field: 'key', regex: '^[\'"]?tableName[\'"]?$', names: value('value') },
  {
    kind: 'method_definition',
    field: 'name',
    regex: '^tableName$',
    names: (node) =>
      node.findAll({ kind: 'return_statement' }).map((found) => found.namedChildren()[0] ?? null),
  },
  {
    kind: 'new_expression',
    field: 'constructor',
    regex: '^(Table|View)$',
    names: (node) => {
      const [first] = args(node);
      if (first?.is('object') !== true) return [];
      return first
        .namedChildren()
        .filter((pair) => pair.field('key')?.text() === 'name')
        .map((pair) => pair.field('value'));
    },
  },
];

const TYPESCRIPT: readonly Finder[] = [
  ...SCRIPT,
  { kind: 'public_field_definition', field: 'name', regex: '^tableName$', names: value('value') },
];

const PYTHON: readonly Finder[] = [
  {
    kind: 'assignment',
    field: 'left',
    regex: '^(__tablename__|db_table|table_name|__table_name__)$',
    names: value('right'),
  },
  {
    kind: 'call',
    field: 'function',
    regex:
      '(^|\\.)(Table|table|create_table|drop_table|add_column|drop_column|alter_column|rename_table|batch_alter_table|create_table_comment|read_sql_table|to_sql|bulk_insert|has_table)$',
    names: argument(0),
  },
  {
    kind: 'call',
    field: 'function',
    regex: '(^|\\.)(create_index|create_unique_constraint|create_check_constraint|drop_constraint)$',
    names: argument(1),
  },
];

const GO: readonly Finder[] = [
  {
    kind: CALL,
    field: 'function',
    regex:
      '\\.(Table|From|Into|TableExpr|ModelTableExpr|CreateTable|DropTable|HasTable|InsertInto|DeleteFrom)$',
    names: argument(0),
  },
  {
    kind: CALL,
    field: 'function',
    regex: '(?i)^(sq|squirrel|psql|goqu|qb|builder|sb)\\.(Insert|Update|Delete|Replace)$',
    names: argument(0),
  },
  {
    kind: 'method_declaration',
    field: 'name',
    regex: '^TableName$',
    names: (node) =>
      node.findAll({ kind: 'return_statement' }).map((found) => found.namedChildren()[0] ?? null),
  },
];

const annotated = (node: SyntaxNode): readonly (SyntaxNode | null)[] => {
  const pairs = args(node);
  const named = pairs.filter((pair) => pair.is('element_value_pair'));
  const of = (key: RegExp) =>
    named.find((pair) => key.test(pair.field('key')?.text() ?? ''))?.field('value') ?? null;
  return named.length === 0 ? pairs.slice(0, 1) : [of(/^(?:name|value)$/), of(/^schema$/)];
};

const JAVA: readonly Finder[] = [
  {
    kind: 'annotation',
    field: 'name',
    regex: '^(Table|JoinTable|CollectionTable|SecondaryTable|TableName)$',
    names: annotated,
  },
  {
    kind: 'method_invocation',
    field: 'name',
    regex: '^(withTableName|table|selectFrom|insertInto|deleteFrom|createTable|dropTable|alterTable)$',
    names: argument(0),
  },
];

const FINDERS: Readonly<Record<SourceLanguage, readonly Finder[]>> = {
  TypeScript: TYPESCRIPT,
  Tsx: TYPESCRIPT,
  JavaScript: [
    ...SCRIPT,
    { kind: 'field_definition', field: 'property', regex: '^tableName$', names: value('value') },
  ],
  python: PYTHON,
  go: GO,
  java: JAVA,
  sql: [],
};

/** A file without any of these words names no table by an ORM. */
const SCRIPT_HINT =
  /[tT]able|\.\s*(?:from|into)\s*\(\s*['"`[{\w$]|\b(?:knex|db|trx|\w*Client)\s*\(|\.define\s*\(|@(?:View)?Entity\b|(?:selectFrom|insertInto|deleteFrom|replaceInto|mergeInto|Join|bulk\w+|(?:add|remove|change|rename|has)Column|(?:add|remove)Index|addConstraint|createView|dropView|batchInsert|(?:pg|mysql|sqlite)\w*View)\s*\(/;
const PYTHON_HINT = /\bop\.|sqlalchemy|alembic|django|peewee|pandas|sqlmodel|__tablename__|db_table/i;
const HINTS: Readonly<Record<SourceLanguage, RegExp>> = {
  TypeScript: SCRIPT_HINT,
  Tsx: SCRIPT_HINT,
  JavaScript: SCRIPT_HINT,
  python: PYTHON_HINT,
  go: /TableName|[tT]able|\.(?:From|Into|InsertInto|DeleteFrom|Insert|Update|Delete|Replace)\(/,
  java: /[tT]able|selectFrom|insertInto|deleteFrom/,
  sql: /$^/,
};

/** Whether a text has what every naming of a table by an ORM has. */
export function mayNameTables(text: string, language: SourceLanguage): boolean {
  return HINTS[language].test(text);
}

/**
 * Tables that calls and declarations of query builders and ORMs name by a literal, or by a constant of the same file.
 * Models whose table follows from a rule of their ORM have no name here.
 */
export function ormTables(root: SyntaxNode, language: SourceLanguage): readonly OrmTable[] {
  const text = root.text();
  if (!mayNameTables(text, language)) return [];
  const finders = FINDERS[language].filter((finder) => mayMatch(text, finder.regex));
  const texts = new LiteralTexts(root, language);
  // One walk for all of them; which finder a hit belongs to is asked again, because hits are few.
  const any = finders.map(({ kind, field, regex }) => ({ kind, has: { field, regex } }));
  const nodes = any.length === 0 ? [] : root.findAll({ any });
  const found = nodes.flatMap((node) => {
    const fitting = finders.filter(
      ({ kind, field, regex }) => node.is(kind) && node.matches({ has: { field, regex } }),
    );
    return fitting.flatMap((finder) => named(finder, node, texts));
  });
  if (language === 'python') found.push(...foreignKeys(root, texts));
  if (language === 'go') found.push(...structTags(root));
  return found;
}

function named(finder: Finder, node: SyntaxNode, texts: LiteralTexts): OrmTable[] {
  const nodes = finder.names(node).filter((found) => found !== null);
  if (finder.kind === 'annotation') {
    const [name, schema] = finder.names(node).map((found) => (found === null ? null : texts.exact(found)));
    return nodes[0] === undefined ? [] : tableOf(schema ? `${schema}.${name ?? ''}` : (name ?? null), node);
  }
  return nodes.flatMap((found) => tableOf(texts.exact(found), found));
}

/** `users as u` and `users u` name users. */
function tableOf(text: string | null, node: SyntaxNode): OrmTable[] {
  const name = text
    ?.trim()
    .replace(/\s+(?:as\s+)?["`]?\w+["`]?$/i, '')
    .replace(/["`[\]]/g, '');
  if (name === undefined || !/^[\p{L}_#][\p{L}\p{N}_$#-]*(?:\.[\p{L}_#][\p{L}\p{N}_$#-]*){0,2}$/u.test(name))
    return [];
  return [{ table: name, line: node.range().start.line + 1 }];
}

/** `ForeignKey("schema.users.id")` of SQLAlchemy; Django's names a model. */
function foreignKeys(root: SyntaxNode, texts: LiteralTexts): OrmTable[] {
  const calls = root.findAll({
    kind: 'call',
    has: { field: 'function', regex: '(^|\\.)(ForeignKey|create_foreign_key)$' },
  });
  return calls.flatMap((call) => {
    const callee = call.field('function')?.text() ?? '';
    if (callee.startsWith('models.')) return [];
    if (callee.endsWith('create_foreign_key'))
      return args(call)
        .slice(1, 3)
        .flatMap((arg) => tableOf(texts.exact(arg), arg));
    const [first] = args(call);
    const target = first === undefined ? null : texts.exact(first);
    if (first === undefined || target === null || !target.includes('.')) return [];
    return tableOf(target.slice(0, target.lastIndexOf('.')), first);
  });
}

/** `bun:"table:users,alias:u"`. */
function structTags(root: SyntaxNode): OrmTable[] {
  const tags = root.findAll({ kind: 'raw_string_literal', regex: '(bun|pg):"table:' });
  return tags.flatMap((tag) => tableOf(/(?:bun|pg):"table:([^,"]+)/.exec(tag.text())?.[1] ?? null, tag));
}
