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
    /(?<string>[eEnNbBxX]?')/,
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

/** After so many quotes and comments that do not end, the rest is left alone: each costs a look at the whole text. */
const MAX_UNCLOSED = 50;

/** Splits SQL of any of the common dialects into tokens; never throws. */
export function sqlTokens(text: string): SqlTokens {
  const tokens: SqlToken[] = [];
  const pattern = new RegExp(TOKEN);
  const lastQuote = text.lastIndexOf("'");
  let line = 0;
  let unclosed = 0;
  let closed = true;
  for (
    let match = pattern.exec(text);
    match !== null && unclosed <= MAX_UNCLOSED;
    match = pattern.exec(text)
  ) {
    let raw = match[0];
    const groups = match.groups ?? {};
    if (groups['string'] !== undefined) {
      const end = stringEnd(text, pattern.lastIndex, lastQuote);
      if (end >= 0) {
        raw = text.slice(match.index, end);
        pattern.lastIndex = end;
      }
    }
    if (groups['quoted']?.startsWith('[') && !bracketsName(tokens.at(-1), text, match.index)) {
      pattern.lastIndex = match.index + 1;
      raw = '[';
      groups['quoted'] = undefined;
    }
    const token = tokenOf(raw, groups, line);
    if (token !== null) tokens.push(token);
    if (token?.kind === 'punct' && /^(?:[eEnNbBxX]?'|["`/$])$/.test(raw)) {
      const opens = raw === '/' ? text[match.index + 1] === '*' : raw !== '$';
      if (opens) closed = false;
      if (opens || raw === '$') unclosed += 1;
    }
    line += countLines(raw);
  }
  return { tokens, closed: closed && unclosed <= MAX_UNCLOSED };
}

/**
 * The index behind the closing quote; -1 where there is none. A backslash escapes a quote (MySQL) where another quote
 * follows, else it is the end of a standard string.
 */
function stringEnd(text: string, start: number, lastQuote: number): number {
  for (let at = start; at <= lastQuote; at += 1) {
    const character = text[at];
    if (character === '\\' && (text[at + 1] !== "'" || at + 1 < lastQuote)) at += 1;
    else if (character === "'") {
      if (text[at + 1] !== "'") return at + 1;
      at += 1;
    }
  }
  return -1;
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
  if (groups['string'] !== undefined && raw.length > groups['string'].length) {
    return token('string', raw.slice(raw.indexOf("'") + 1, -1).replaceAll("''", "'"));
  }
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
