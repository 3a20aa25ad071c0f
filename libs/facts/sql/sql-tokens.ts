/**
 * - `word`: a bare name or a keyword; `upper` is its upper case.
 * - `name`: a quoted name; `text` is without its quotes.
 * - `string`: a literal; `text` is without its quotes.
 * - `param`: a placeholder (`?`, `$1`, `:name`, `@p`, `%s`) or an interpolation.
 * - `punct`: everything else, one character each.
 */
export interface SqlToken {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'param' | 'punct';
  readonly text: string;
  readonly upper: string;
  /** 0-based line inside the text; only `\n` counts. */
  readonly line: number;
  /** For strings between dollar quotes: the body of a routine or a `DO` block. */
  readonly dollar?: true;
}

export interface SqlTokens {
  readonly tokens: readonly SqlToken[];
  /** False where a comment, string or quoted name does not end. */
  readonly closed: boolean;
}

/** What an interpolated value becomes in the text of a statement: a name that no table has. */
export const HOLE = '__interpolated__';

/** One alternative per token, tried in this order; `\r` ends a line comment but counts as no line. */
const TOKEN = new RegExp(
  [
    /(?<space>\s+)/,
    /(?<comment>--[^\r\n]*|\/\*(?!!)[^]*?\*\/|#(?![\w>-])[^\r\n]*)/,
    /(?<hint>\/\*!\d*|\*\/)/,
    /(?<dollar>\$(?<tag>[A-Za-z_]\w*)?\$(?<body>[^]*?)\$\k<tag>\$)/,
    /(?<escaped>[eE]'(?:[^'\\]|\\[^]|'')*')/,
    /(?<string>[nNbBxX]?'(?:[^'\\]|''|\\(?!'(?!'))[^']|\\'(?=[^']*'))*')/,
    /(?<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\][\r\n]+\])/,
    /(?<param>\$\d+|:[A-Za-z_]\w*|@{1,2}[A-Za-z_]\w*|%\(\w+\)s|%[sdvqbf](?!\w)|\?+|#\{[^}]*\}|\$\{[^}]*\}|\{\w*\})/,
    /(?<number>\d[\w.]*)/,
    /(?<word>#{0,2}[\p{L}_][\p{L}\p{N}_$#]*)/u,
    /(?<cast>::|:=)/,
    /(?<punct>[^])/,
  ]
    .map((part) => part.source)
    .join('|'),
  'gu',
);

/** Splits SQL of any of the common dialects into tokens; never throws. */
export function sqlTokens(text: string): SqlTokens {
  const tokens: SqlToken[] = [];
  let line = 0;
  let closed = true;
  TOKEN.lastIndex = 0;
  const pattern = new RegExp(TOKEN);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const raw = match[0];
    const groups = match.groups ?? {};
    if (groups['quoted']?.startsWith('[') && !bracketsName(tokens.at(-1), text, match.index)) {
      pattern.lastIndex = match.index + 1;
      tokens.push({ kind: 'punct', text: '[', upper: '[', line });
      continue;
    }
    const token = tokenOf(raw, groups, line);
    if (token !== null) tokens.push(token);
    if (token?.kind === 'punct' && (`'"\``.includes(raw) || raw === '/')) {
      closed &&= raw === '/' && text[match.index + 1] !== '*';
    }
    line += countLines(raw);
  }
  return { tokens, closed };
}

function tokenOf(raw: string, groups: Record<string, string | undefined>, line: number): SqlToken | null {
  if (groups['space'] !== undefined || groups['comment'] !== undefined || groups['hint'] !== undefined) {
    return null;
  }
  const token = (kind: SqlToken['kind'], text = raw): SqlToken => ({
    kind,
    text,
    upper: text.toUpperCase(),
    line,
  });
  if (groups['dollar'] !== undefined) return { ...token('string', groups['body'] ?? ''), dollar: true };
  const string = groups['escaped'] ?? groups['string'];
  if (string !== undefined)
    return token('string', string.slice(string.indexOf("'") + 1, -1).replaceAll("''", "'"));
  if (groups['quoted'] !== undefined) return token('name', unquoted(raw));
  if (groups['param'] !== undefined) return token('param');
  if (groups['number'] !== undefined) return token('number');
  if (groups['word'] !== undefined) return token(raw === HOLE ? 'param' : 'word');
  return token('punct');
}

function unquoted(raw: string): string {
  const quote = raw[0] as string;
  const inner = raw.slice(1, -1);
  return quote === '[' ? inner : inner.replaceAll(quote + quote, quote);
}

/** `[x]` names something after a keyword or a dot; after a value or a name it is a subscript. */
function bracketsName(before: SqlToken | undefined, text: string, index: number): boolean {
  if (before?.upper === 'ARRAY') return false;
  const touching = index > 0 && /[\w\])"]/.test(text[index - 1] ?? '');
  return !touching && !/^\[\s*(?:\d+|'[^]*|:.*)\]/.test(text.slice(index, index + 200));
}

function countLines(raw: string): number {
  let lines = 0;
  for (let at = raw.indexOf('\n'); at >= 0; at = raw.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
