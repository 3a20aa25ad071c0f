import type { NapiConfig, SgNode } from '@ast-grep/napi';
import type { Grammar } from '../languages.js';

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Literal extends Span {
  readonly node: SgNode;
}

/** The names of a script, in their order, and where it has strings and templates. */
export interface ScriptNames {
  /** Names that can stand for a variable. */
  readonly variables: readonly Span[];
  readonly others: readonly Span[];
  readonly literals: readonly Literal[];
}

/** A name, or a number: its letters are no name. Names are what the grammar takes for one. */
const WORD =
  /[0-9]\w*|#?[^\0-\x1f\s0-9:;`"'@#.,|^&<=>+\-*/\\%?!~()[\]{}\ufeff\u2060\u200b][^\0-\x1f\s:;`"'@#.,|^&<=>+\-*/\\%?!~()[\]{}\ufeff\u2060\u200b]*/g;
const words = (list: string): ReadonlySet<string> => new Set(list.trim().split(/\s+/));
/** Never names, but for those of properties and of what modules exchange. */
const RESERVED = words(`
  break case catch class const continue debugger delete do else enum export extends false finally for function if import
  in instanceof new null return super switch this throw true try typeof var void while with
`);
/** These are names in some places; in which, the parser knows. */
const SOMETIMES = words(`
  abstract accessor any as assert asserts async await bigint boolean declare default defer from get global implements
  infer interface is keyof let meta module namespace never number object of out override package private protected
  public readonly require satisfies set source static string symbol target type undefined unique unknown using yield
`);
const NO_MARKUP: readonly Grammar[] = ['TypeScript', 'JavaScript'];
const MARKUP = /<\/|\/>/;
const ESCAPE_IN_NAME = /(?:^|[^\\'"`\w])\\u|[\w$]\\u/;

const LITERALS = ['string', 'template_string', 'template_literal_type', 'regex', 'hash_bang_line'];
const HOLES = ['template_substitution', 'template_type'];
const OWN_PROPERTIES = ['property_identifier', 'private_property_identifier'];

/** The rules of one grammar, over the kinds that it has. */
export interface NameRules {
  readonly broken: NapiConfig;
  /** Literals, what is filled into templates, and names that are no variables, but for those behind a dot. */
  readonly marks: NapiConfig;
  readonly variables: readonly string[];
}

/** @param own of some kinds those that the grammar has */
export function nameRules(
  own: (kinds: readonly string[]) => readonly string[],
  kinds: { readonly variables: readonly string[]; readonly otherNames: readonly string[] },
): NameRules {
  const isKind = (kind: string) => ({ kind });
  const behindNoDot = (kind: string) => ({ kind, not: { inside: { kind: 'member_expression' } } });
  const others = own(kinds.otherNames.filter((kind) => !OWN_PROPERTIES.includes(kind)));
  const any = [
    ...own([...LITERALS, ...HOLES]).map(isKind),
    ...others.map(isKind),
    ...own(OWN_PROPERTIES).map(behindNoDot),
  ];
  return {
    broken: { rule: { kind: 'ERROR' } },
    marks: { rule: { any } },
    variables: own(kinds.variables),
  };
}

/**
 * Tells names by the text: every word is one that stands in no literal and no comment and is no word of the language. The
 * parser says where literals are, which names are no variables, and what words are that can be either; asking it
 * for each name would cost as much as parsing.
 *
 * @returns null where the text alone does not tell: broken code, markup, escapes in names
 */
export function scriptNames(
  root: SgNode,
  text: string,
  grammar: Grammar,
  rules: NameRules,
  comments: readonly Span[],
): ScriptNames | null {
  if (!NO_MARKUP.includes(grammar) || (grammar === 'JavaScript' && MARKUP.test(text))) return null;
  if (ESCAPE_IN_NAME.test(text) || root.find(rules.broken) !== null) return null;
  const literals: Literal[] = [];
  const holes: Span[] = [];
  const others = new Set<number>();
  for (const node of root.findAll(rules.marks)) {
    const { startPos: start, endPos: end } = node.replace('');
    const first = text[start];
    if (first === '$' && text[start + 1] === '{') holes.push({ start, end });
    else if (isQuote(first) || first === '/' || (first === '#' && text[start + 1] === '!'))
      literals.push({ node, start, end });
    else others.add(start);
  }
  const scan = new WordScan(text, opaque(text, literals, holes), comments, others);
  const unclear = scan.unclear.size === 0 ? [] : root.findAll(namedSo(rules.variables, scan.unclear));
  const variables = new Set(unclear.map((node) => node.replace('').startPos));
  return {
    variables: scan.variables.filter(
      ({ start, end }) => !scan.unclear.has(text.slice(start, end)) || variables.has(start),
    ),
    others: scan.others,
    literals: literals.filter(({ start }) => isQuote(text[start])),
  };
}

function namedSo(kinds: readonly string[], names: ReadonlySet<string>): NapiConfig {
  const any = kinds.map((kind) => ({ kind }));
  return { rule: { all: [{ any }, { regex: `^(${[...names].join('|')})$` }] } };
}

function isQuote(character: string | undefined): boolean {
  return character === '"' || character === "'" || character === '`';
}

/** Where the text of literals is, in order: of a template, without what is filled in. */
function opaque(text: string, literals: readonly Span[], holes: readonly Span[]): Span[] {
  const spans: Span[] = [];
  const open: { at: number; end: number }[] = [];
  const closeBefore = (place: number): void => {
    for (let top = open.at(-1); top !== undefined && top.end <= place; top = open.at(-1)) {
      spans.push({ start: top.at, end: top.end });
      open.pop();
    }
  };
  const all = [...literals, ...holes].sort((a, b) => a.start - b.start);
  for (const { start, end } of all) {
    closeBefore(start);
    const template = open.at(-1);
    if (text[start] === '`') open.push({ at: start, end });
    else if (text[start] !== '$') spans.push({ start, end });
    else if (template !== undefined) {
      spans.push({ start: template.at, end: start + 2 });
      template.at = end - 1;
    }
  }
  closeBefore(Number.POSITIVE_INFINITY);
  return spans.sort((a, b) => a.start - b.start);
}

/** All words outside of literals and comments, sorted by what they can be. */
class WordScan {
  readonly variables: Span[] = [];
  readonly others: Span[] = [];
  /** Words that are among the variables and may be none. */
  readonly unclear = new Set<string>();
  private readonly skipped: readonly (Span & { readonly blank: boolean })[];

  constructor(
    private readonly text: string,
    literals: readonly Span[],
    comments: readonly Span[],
    private readonly known: ReadonlySet<number>,
  ) {
    this.skipped = [
      ...literals.map(({ start, end }) => ({ start, end, blank: false })),
      ...comments.map(({ start, end }) => ({ start, end, blank: true })),
    ].sort((a, b) => a.start - b.start);
    this.run();
  }

  private run(): void {
    const { text, skipped } = this;
    let next = 0;
    WORD.lastIndex = 0;
    for (let match = WORD.exec(text); match !== null; match = WORD.exec(text)) {
      const start = match.index;
      while ((skipped[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next += 1;
      const over = skipped[next];
      if (over !== undefined && over.start <= start) WORD.lastIndex = over.end;
      else this.word(match[0], start, next);
    }
  }

  /** @param next the first of what is skipped that comes after the word */
  private word(word: string, start: number, next: number): void {
    const first = word.charCodeAt(0);
    if (first >= 0x30 && first <= 0x39) return;
    const span = { start, end: start + word.length };
    if (this.known.has(start)) {
      this.others.push(span);
      return;
    }
    const dot = this.dotBefore(start, next);
    if (dot >= 0) {
      if (!this.isMeta(word, dot)) this.others.push(span);
      return;
    }
    const reserved = RESERVED.has(word);
    if (reserved && !this.mayBeExchanged(span)) return;
    if (reserved || SOMETIMES.has(word)) this.unclear.add(word);
    this.variables.push(span);
  }

  /** Whether a word may stand in `export { a as word }` or `import { word as a }`. */
  private mayBeExchanged({ start, end }: Span): boolean {
    const before = this.text.slice(Math.max(0, start - 20), start);
    const after = this.text.slice(end, end + 20);
    return (
      /\bas\s+$/.test(before) || /^\s+as\b/.test(after) || (/[{,]\s*$/.test(before) && /^\s*[,}]/.test(after))
    );
  }

  /** Where the dot of a member stands before a word; negative where there is none. */
  private dotBefore(start: number, next: number): number {
    const { text, skipped } = this;
    let at = start - 1;
    for (let last = next - 1; at >= 0;) {
      const over = skipped[last];
      if (over !== undefined && over.end > at) {
        if (!over.blank) return -1;
        at = over.start - 1;
        last -= 1;
      } else if (/\s/.test(text[at] ?? '')) at -= 1;
      else break;
    }
    // Three of them spread a variable.
    return text[at] === '.' && text[at - 1] !== '.' ? at : -1;
  }

  /** `import.meta` and `new.target`. */
  private isMeta(word: string, dot: number): boolean {
    if (word !== 'meta' && word !== 'target') return false;
    return /\b(?:import|new)\s*$/.test(this.text.slice(Math.max(0, dot - 20), dot));
  }
}
