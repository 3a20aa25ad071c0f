import type { Grammar } from '../languages.js';
import type { Found, FoundNodes, Span } from './found-nodes.js';

/** The names of a script, in their order, and where it has strings and templates. */
export interface ScriptNames {
  /** Names that can stand for a variable. */
  readonly variables: readonly Span[];
  readonly others: readonly Span[];
  readonly literals: readonly Found[];
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

/** What may be a name or a word of the language: whether it is one, the parser is asked. */
export const UNCLEAR_NAMES = `^(${[...RESERVED, ...SOMETIMES].join('|')})$`;

/** Whether the text tells the names of a script, once the parser has said where its literals are. */
export function hasPlainNames(text: string, grammar: Grammar): boolean {
  if (!NO_MARKUP.includes(grammar) || (grammar === 'JavaScript' && MARKUP.test(text))) return false;
  return !ESCAPE_IN_NAME.test(text);
}

/**
 * Tells names by the text: every word is one that stands in no literal and no comment and is no word of the language. The
 * parser says where literals are, which names are no variables (but for those behind a dot), and what of the words that
 * can be either are names; asking it for each name would cost as much as parsing.
 */
export function scriptNames(text: string, found: FoundNodes): ScriptNames {
  const { literals, holes, comments } = found;
  const others = new Set(found.others.map(({ start }) => start));
  const unclear = new Set(found.unclear.map(({ start }) => start));
  const scan = new WordScan(text, opaque(text, literals, holes), comments, { others, unclear });
  return {
    variables: scan.variables,
    others: scan.others,
    literals: literals.filter(({ start }) => isQuote(text[start])),
  };
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
  private readonly skipped: readonly (Span & { readonly blank: boolean })[];

  constructor(
    private readonly text: string,
    literals: readonly Span[],
    comments: readonly Span[],
    private readonly known: Readonly<Record<'others' | 'unclear', ReadonlySet<number>>>,
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
    if (this.known.others.has(start)) {
      this.others.push(span);
      return;
    }
    const dot = this.dotBefore(start, next);
    if (dot >= 0) {
      if (!this.isMeta(word, dot)) this.others.push(span);
      return;
    }
    if ((RESERVED.has(word) || SOMETIMES.has(word)) && !this.known.unclear.has(start)) return;
    this.variables.push(span);
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
