import type { OpenGrammar } from './grammars.js';
import type { SyntaxTree } from './syntax-tree.js';

/** What a node has to be; all that is named holds. */
export interface Search {
  readonly kind?: string;
  readonly any?: readonly Search[];
  readonly all?: readonly Search[];
  /** Found anywhere in its text, unless it says `^` or `$`. */
  readonly regex?: string;
  /** Of its first child in a field. */
  readonly has?: { readonly field: string; readonly regex: string };
}

export type Test = (tree: SyntaxTree, node: number) => boolean;

const EXPRESSIONS = new Map<string, RegExp>();
const MAX_EXPRESSIONS = 500;
const ALWAYS: Test = () => true;
const WORD = String.raw`\p{L}\p{M}\p{N}\p{Pc}`;

/** A search as one function of a node. */
export function compile(search: Search, grammar: OpenGrammar): Test {
  const names = kindsOf(search);
  const rest = restOf(search, grammar);
  if (names === null) return rest;
  const kinds = maskOf(names, grammar);
  if (rest === ALWAYS) return (tree, node) => kinds[tree.kind(node)] === 1;
  // Most nodes are of another kind.
  return (tree, node) => kinds[tree.kind(node)] === 1 && rest(tree, node);
}

/** The kinds that can pass, by their names; null: any can. */
function kindsOf({ kind, all, any }: Search): readonly string[] | null {
  if (kind !== undefined) return [kind];
  if (all !== undefined) return all.map(kindsOf).find((kinds) => kinds !== null) ?? null;
  const each = any?.map(kindsOf) ?? [null];
  return each.some((kinds) => kinds === null) ? null : each.flatMap((kinds) => kinds ?? []);
}

/** Kinds by their names, one byte each; words and signs of the same names are none. */
export function maskOf(names: readonly string[], grammar: OpenGrammar): Uint8Array {
  const mask = new Uint8Array(grammar.kinds.length);
  for (const name of names) for (const kind of grammar.kindsOf.get(name) ?? []) mask[kind] = 1;
  return mask;
}

function restOf(search: Search, grammar: OpenGrammar): Test {
  const tests: Test[] = [];
  const { regex, has } = search;
  if (search.any !== undefined && !isKinds(search)) {
    const any = search.any.map((each) => compile(each, grammar));
    tests.push((tree, node) => any.some((test) => test(tree, node)));
  }
  for (const each of search.all ?? []) tests.push(compile(each, grammar));
  if (regex !== undefined) {
    const expression = expressionOf(regex);
    tests.push((tree, node) => expression.test(tree.textOf(node)));
  }
  if (has !== undefined) {
    const expression = expressionOf(has.regex);
    tests.push((tree, node) => {
      const child = tree.childOf(node, has.field);
      return child >= 0 && expression.test(tree.textOf(child));
    });
  }
  const [first] = tests;
  if (first === undefined) return ALWAYS;
  return tests.length === 1 ? first : (tree, node) => tests.every((test) => test(tree, node));
}

/** Whether `any` is kinds only, and decides alone which kinds can pass. */
function isKinds({ any, kind, all }: Search): boolean {
  if (kind !== undefined || all !== undefined) return false;
  return any?.every((each) => each.kind !== undefined && Object.keys(each).length === 1) === true;
}

function expressionOf(regex: string): RegExp {
  let expression = EXPRESSIONS.get(regex);
  if (expression === undefined) {
    // Those that hold names of a file are never the same again.
    if (EXPRESSIONS.size >= MAX_EXPRESSIONS) EXPRESSIONS.clear();
    EXPRESSIONS.set(regex, (expression = new RegExp(ofAllLetters(regex), 'u')));
  }
  return expression;
}

/** `\w` is a letter of any language; `(?i:…)`, which this engine does not know, names both cases of each letter. */
function ofAllLetters(regex: string): string {
  const plain = regex.replace(/\(\?i:([^)]*)\)|\(\?i\)(.*)$/g, (_, inner?: string, rest?: string) => {
    const any = (inner ?? rest ?? '').replace(/\\.|[a-z]/gi, (letter) =>
      letter.length > 1 ? letter : `[${letter.toLowerCase()}${letter.toUpperCase()}]`,
    );
    return inner === undefined ? any : `(?:${any})`;
  });
  let inClass = false;
  return plain.replace(/\\w|\\.|[[\]]/g, (sign) => {
    if (sign === '\\w') return inClass ? WORD : `[${WORD}]`;
    if (sign.length === 1) inClass = sign === '[';
    return sign;
  });
}
