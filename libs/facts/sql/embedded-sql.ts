import { mayMatch } from '../text-gate.js';
import type { SyntaxNode } from '../syntax/syntax-node.js';
import { LiteralTexts, type SourceLanguage } from './literal-text.js';
import { isSql, SQL_HINT } from './sql-shape.js';

export { ormTables } from './orm-tables.js';

export interface EmbeddedSql {
  /** The value; `__interpolated__` stands for what is made at run time. Its lines are the lines of the source. */
  readonly text: string;
  /** 1-based line of the source on which the text begins. */
  readonly line: number;
}

const STRINGS: Readonly<Record<SourceLanguage, readonly string[]>> = {
  TypeScript: ['string', 'template_string'],
  Tsx: ['string', 'template_string'],
  JavaScript: ['string', 'template_string'],
  python: ['string'],
  go: ['interpreted_string_literal', 'raw_string_literal'],
  java: ['string_literal'],
  sql: [],
};

/** Calls and tags whose text is SQL, whatever it looks like. */
const RUNS_SQL =
  /(?:^|[.$])(?:query|Query\w*|queryRaw\w*|executeRaw\w*|exec|Exec\w*|execute|executemany|executescript|executeQuery|executeUpdate|raw|Raw|prepare|Prepare\w*|prepareStatement|prepareCall|sql|SQL|text|unsafe|createNativeQuery|queryFor\w+|batchUpdate|read_sql\w*|fetchrow|fetchval|NewRaw|any|all|run|get|each)$/;
/** Names of calls above that other things have too: only their object tells. */
const SHARED_NAME = /(?:^|\.)(?:exec|text|raw|run|get|all|any|each|prepare|execute)$/;
const SQL_OBJECT =
  /(?:^|[.$_])(?:db|database|knex|trx|tx|sql|pool|client|conn|connection|cursor|cur|session|engine|op|sa|stmt|jdbcTemplate|queryRunner|prisma|sequelize|manager|entityManager|em)\b/i;

/** SQL in string and template literals, whose concatenations and constants of the same file are put together. */
export function sqlInSource(root: SyntaxNode, language: SourceLanguage): readonly EmbeddedSql[] {
  const kinds = STRINGS[language].map((kind) => ({ kind }));
  if (!mayMatch(root.text(), SQL_HINT)) return [];
  const hits = root.findAll({ any: kinds }).filter((node) => mayMatch(node.text(), SQL_HINT));
  if (hits.length === 0) return [];
  const texts = new LiteralTexts(root, language);
  const seen = new Set<number>();
  const found: EmbeddedSql[] = [];
  for (const hit of hits) {
    const whole = wholeExpression(hit);
    if (seen.has(whole.id())) continue;
    seen.add(whole.id());
    const parent = whole.parent();
    if (parent?.is('expression_statement') === true || parent?.is('import_statement') === true) continue;
    const text = texts.withHoles(whole);
    if (text === null || !isSql(text, isRun(whole, parent))) continue;
    found.push({ text, line: whole.range().start.line + 1 });
  }
  return found;
}

const PARTS = new Set([
  'parenthesized_expression',
  'concatenated_string',
  'template_substitution',
  'template_string',
  'interpolation',
  'string',
  'as_expression',
]);

/** The outermost concatenation that a literal is a part of. */
function wholeExpression(literal: SyntaxNode): SyntaxNode {
  let node = literal;
  for (let parent = node.parent(); parent !== null; parent = parent.parent()) {
    const kind = String(parent.kind());
    const joins =
      /^binary_(?:expression|operator)$/.test(kind) && /^[+%]$/.test(parent.field('operator')?.text() ?? '');
    if (!joins && !PARTS.has(kind)) {
      const call = builtBy(node, parent);
      if (call === null) return node;
      node = call;
      parent = call;
    } else node = parent;
  }
  return node;
}

/** The call that makes one text of the literal and others: `text.format(…)`, `Sprintf(text, …)`, `[text, …].join('')`. */
function builtBy(node: SyntaxNode, parent: SyntaxNode): SyntaxNode | null {
  const kind = String(parent.kind());
  if (kind === 'attribute' || kind === 'member_expression') {
    const call = parent.parent();
    const isCall = call?.is('call') === true || call?.is('call_expression') === true;
    return isCall && /\.(?:format|concat|join|trim|strip)$/.test(parent.text()) ? call : null;
  }
  if (kind === 'method_invocation' && parent.field('object')?.id() === node.id()) {
    return /^(?:formatted|concat|stripIndent|trim|strip)$/.test(parent.field('name')?.text() ?? '')
      ? parent
      : null;
  }
  if (kind === 'argument_list' || kind === 'arguments') {
    const call = parent.parent();
    const name = call?.field('function')?.text() ?? call?.field('name')?.text() ?? '';
    const formats =
      /(?:^|\.)(?:Sprintf|concat)$/.test(name) ||
      (name === 'format' && call?.field('object')?.text() === 'String');
    return formats ? call : null;
  }
  if (kind === 'array') {
    const member = parent.parent();
    return member?.is('member_expression') === true && /\.join$/.test(member.text()) ? parent : null;
  }
  return null;
}

/** Whether a call or a tag that runs SQL is given the text. */
function isRun(node: SyntaxNode, parent: SyntaxNode | null): boolean {
  if (parent === null) return false;
  const isArgument = parent.is('arguments') || parent.is('argument_list');
  const call = isArgument ? parent.parent() : parent;
  if (call === null || (!isArgument && !node.is('template_string'))) return false;
  const object = call.field('object')?.text();
  const name = call.field('function')?.text() ?? call.field('name')?.text() ?? '';
  const callee = object === undefined ? name : `${object}.${name}`;
  if (!RUNS_SQL.test(callee.replace(/<[^]*$/, ''))) return false;
  return !SHARED_NAME.test(callee) || SQL_OBJECT.test(callee.slice(0, callee.lastIndexOf('.') + 1));
}
