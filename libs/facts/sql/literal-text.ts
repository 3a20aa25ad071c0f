import type { SyntaxNode } from '../syntax/syntax-node.js';
import { HOLE } from './sql-tokens.js';

/** The names that the parser knows its languages by. */
export type SourceLanguage = 'TypeScript' | 'Tsx' | 'JavaScript' | 'python' | 'go' | 'java' | 'sql';

interface Piece {
  /** Null where the value is made at run time. */
  readonly text: string | null;
  /** 0-based lines of the piece in the source; absent for the value of a name that is declared elsewhere. */
  readonly lines?: readonly [start: number, end: number];
}

const MAX_NAMES = 6;

const DECLARATORS: Readonly<Record<SourceLanguage, readonly string[]>> = {
  TypeScript: ['variable_declarator'],
  Tsx: ['variable_declarator'],
  JavaScript: ['variable_declarator'],
  python: ['assignment'],
  go: ['const_spec', 'var_spec', 'short_var_declaration'],
  java: ['variable_declarator'],
  sql: [],
};

/** Values of string expressions in one file: concatenations, templates and constants of that file are folded. */
export class LiteralTexts {
  private constants: ReadonlyMap<string, SyntaxNode | null> | null = null;

  constructor(
    private readonly root: SyntaxNode,
    private readonly language: SourceLanguage,
  ) {}

  /** The value; null where any part of it is made at run time. */
  exact(node: SyntaxNode | null): string | null {
    const pieces = node === null ? null : this.piecesOf(node, 0);
    if (pieces === null || pieces.some((piece) => piece.text === null)) return null;
    return pieces.map((piece) => piece.text).join('');
  }

  /**
   * The value with `HOLE` for every part that is made at run time, its lines as in the source. Null where nothing of it
   * is known. An escaped line feed is `\r`, which counts as no line.
   */
  withHoles(node: SyntaxNode): string | null {
    const pieces = this.piecesOf(node, 0);
    if (pieces === null || pieces.every((piece) => piece.text === null)) return null;
    let text = '';
    let line = node.range().start.line;
    let owed = 0;
    for (const piece of pieces) {
      if (piece.lines !== undefined) {
        owed += Math.max(0, piece.lines[0] - line);
        line = piece.lines[1];
      }
      let part = piece.text ?? HOLE;
      // A line that lies between two pieces goes to the next blank, so that it splits no name.
      const blank = owed === 0 ? -1 : /\s$/.test(text) ? 0 : part.search(/\s/);
      if (blank >= 0) {
        part = part.slice(0, blank) + '\n'.repeat(owed) + part.slice(blank);
        owed = 0;
      }
      text += part;
    }
    return text;
  }

  /** Pieces of a string expression; null where the node is no such thing. */
  private piecesOf(node: SyntaxNode, names: number): readonly Piece[] | null {
    const kind = String(node.kind());
    const literal = LITERALS[kind];
    if (literal !== undefined) return literal(node, this.language, (child) => this.orHole(child, names));
    if (kind === 'binary_expression' || kind === 'binary_operator') return this.joined(node, names);
    if (WRAPPERS.has(kind)) {
      const inner = node.namedChildren()[0];
      return inner === undefined ? null : this.piecesOf(inner, names);
    }
    if (kind === 'identifier' || kind === 'member_expression' || kind === 'field_access') {
      return this.constant(node.text(), names);
    }
    if (kind === 'call_expression' || kind === 'call' || kind === 'method_invocation')
      return this.call(node, names);
    return null;
  }

  private orHole(node: SyntaxNode, names: number): readonly Piece[] {
    const { start, end } = node.range();
    return this.piecesOf(node, names) ?? [{ text: null, lines: [start.line, end.line] }];
  }

  private joined(node: SyntaxNode, names: number): readonly Piece[] | null {
    const right: SyntaxNode[] = [];
    let left: SyntaxNode | null = node;
    // A long concatenation leans to the left: a loop, because recursion would end on its depth.
    while (left !== null && /^binary_(?:expression|operator)$/.test(String(left.kind()))) {
      const operator: string | undefined = left.field('operator')?.text();
      const operand: SyntaxNode | null = left.field('right');
      if (operator === '%' && this.language === 'python') {
        left = left.field('left');
        continue;
      }
      if (operator !== '+' || operand === null) return null;
      right.push(operand);
      left = left.field('left');
    }
    if (left === null) return null;
    return [left, ...right.reverse()].flatMap((part) => this.orHole(part, names));
  }

  private constant(name: string, names: number): readonly Piece[] | null {
    if (names >= MAX_NAMES) return null;
    this.constants ??= declared(this.root, this.language);
    const value = this.constants.get(name) ?? this.constants.get(name.slice(name.lastIndexOf('.') + 1));
    if (value === undefined || value === null) return null;
    return this.piecesOf(value, names + 1)?.map(({ text }) => ({ text })) ?? null;
  }

  /** `fmt.Sprintf(text, …)`, `String.format(text, …)`, `text.format(…)`, `text.concat(a)`, `[a, b].join(text)`. */
  private call(node: SyntaxNode, names: number): readonly Piece[] | null {
    const callee = node.field('function') ?? node.field('name');
    const object = node.field('object') ?? callee?.field('object') ?? null;
    const name = callee?.text().split('.').at(-1)?.trim() ?? '';
    const args = (node.field('arguments')?.namedChildren() ?? []).filter((arg) => !arg.is('comment'));
    if (name === 'Sprintf' || (name === 'format' && object?.text() === 'String')) {
      return args[0] === undefined ? null : this.piecesOf(args[0], names);
    }
    if (
      /^(?:format|formatted|trim|strip|stripIndent|trimIndent|strip_indent)$/.test(name) &&
      object !== null
    ) {
      return this.piecesOf(object, names);
    }
    if (name === 'concat' && object !== null) {
      const first = this.piecesOf(object, names);
      return first === null ? null : [...first, ...args.flatMap((arg) => this.orHole(arg, names))];
    }
    if (name === 'join' && object !== null && object.is('array')) {
      const glue = args[0] === undefined ? [{ text: ',' }] : this.orHole(args[0], names);
      return object
        .namedChildren()
        .flatMap((item, index) => [...(index > 0 ? glue : []), ...this.orHole(item, names)]);
    }
    return null;
  }
}

type Literal = (
  node: SyntaxNode,
  language: SourceLanguage,
  inner: (node: SyntaxNode) => readonly Piece[],
) => readonly Piece[];

const WRAPPERS = new Set([
  'parenthesized_expression',
  'as_expression',
  'satisfies_expression',
  'non_null_expression',
  'expression_list',
  'template_substitution',
  'interpolation',
]);

const between =
  (quotes: number, raw = false): Literal =>
  (node) => {
    const { start, end } = node.range();
    const text = node.text().slice(quotes, -quotes);
    return [{ text: raw ? text : unescaped(text), lines: [start.line, end.line] }];
  };

const LITERALS: Readonly<Record<string, Literal>> = {
  string: (node, language, inner) => {
    if (language !== 'python') return between(1)(node, language, inner);
    const opening = /^([a-zA-Z]*)("""|'''|"|')/.exec(node.text());
    if (opening === null) return [];
    const [whole, prefix = '', quote = ''] = opening;
    const raw = /r/i.test(prefix);
    if (/[ft]/i.test(prefix)) return parts(node, 'interpolation', inner, raw);
    const { start, end } = node.range();
    const text = node.text().slice(whole.length, -quote.length);
    return [{ text: raw ? text : unescaped(text), lines: [start.line, end.line] }];
  },
  concatenated_string: (node, _language, inner) => node.namedChildren().flatMap(inner),
  template_string: (node, language, inner) =>
    node.text().includes('${')
      ? parts(node, 'template_substitution', inner, false)
      : between(1)(node, language, inner),
  interpreted_string_literal: between(1),
  raw_string_literal: between(1, true),
  string_literal: (node, language, inner) =>
    between(node.text().startsWith('"""') ? 3 : 1)(node, language, inner),
};

/** A literal with interpolations: what lies between them is cut from the source by their ranges. */
function parts(
  node: SyntaxNode,
  kind: string,
  inner: (node: SyntaxNode) => readonly Piece[],
  raw: boolean,
): readonly Piece[] {
  return node.namedChildren().flatMap((child): readonly Piece[] => {
    if (child.is(kind)) return inner(child);
    if (/^string_(?:start|end)$/.test(String(child.kind()))) return [];
    const { start, end } = child.range();
    return [{ text: raw ? child.text() : unescaped(child.text()), lines: [start.line, end.line] }];
  });
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\r',
  r: '\r',
  t: '\t',
  b: '',
  f: ' ',
  v: ' ',
  '0': '',
  s: ' ',
};

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  const escape = /\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\r?\n|([^]))/g;
  return text.replace(escape, (_all, braced?: string, four?: string, two?: string, plain?: string) => {
    const code = braced ?? four ?? two;
    if (code !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10ffff));
    return plain === undefined ? '' : (ESCAPES[plain] ?? plain);
  });
}

/** Names that are given a value once in the file; null for those that are given two. */
function declared(root: SyntaxNode, language: SourceLanguage): ReadonlyMap<string, SyntaxNode | null> {
  const constants = new Map<string, SyntaxNode | null>();
  const add = (name: string, value: SyntaxNode) => constants.set(name, constants.has(name) ? null : value);
  const kinds = DECLARATORS[language].map((kind) => ({ kind }));
  for (const node of root.findAll({ any: kinds })) {
    const name = node.field('name') ?? node.field('left');
    const value = node.field('value') ?? node.field('right');
    if (name === null || value === null || !/^[\w$]+$/.test(name.text())) continue;
    add(name.text(), value);
    const object = value.is('as_expression') ? value.namedChildren()[0] : value;
    if (object?.is('object') !== true) continue;
    for (const pair of object.namedChildren()) {
      const inner = pair.field('value');
      if (inner !== null) add(`${name.text()}.${pair.field('key')?.text() ?? ''}`, inner);
    }
  }
  return constants;
}
