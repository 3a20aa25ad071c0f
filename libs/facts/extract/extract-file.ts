import type { FunctionRange } from '#domain/spec/facts.js';
import type { Grammar } from '../languages.js';
import {
  MARK,
  type FileRecord,
  type FileStructure,
  type FunctionRecord,
  type ImportRecord,
  type RecordPart,
} from '../record.js';
import { routesOrNone } from '../routes/routes.js';
import { ormTables, sqlInSource } from '../sql/embedded-sql.js';
import type { SyntaxNode } from '../syntax/syntax-node.js';
import { withTree } from '../syntax/with-tree.js';
import { dottedName, expressionText, withoutLayout, type Comments } from './expression-text.js';
import { mayHoldQuotedKeys, nameInBrackets, nameOfKey } from './quoted-names.js';
import { nodesOf, sortedNodes, type GrammarNodes, type SortedNodes } from './grammar-nodes.js';
import { Mentions } from './mentions.js';
import type { SourceText } from './source-text.js';

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The name of a function that has none. */
export const ANONYMOUS = '(anonymous)';
const MAX_SIGNATURE = 200;
/** What exports or names a function right before it. */
const NAMING =
  /^\s*(?=\S)(?:export\s+(?:default\s+)?)?(?:(?:const|let|var)\s+[\p{ID_Continue}$]+[^=;(]*=\s*(?:[\w.]+\()?)?$/u;
const WRAPPING = /\b(?:memo|forwardRef|observer)\b/;
const WRAPPERS = /(?:^|\.)(?:memo|forwardRef|observer)$/;
const PLAIN_NAME = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;
const CAPITALISED = /^\p{Lu}/u;
const EXPRESSION = MARK.expression;

/**
 * Everything that one source file holds. Broken code is read as far as the grammar recovers.
 *
 * @param part `structure`: without mentions, for a third of the time
 * @throws Error if its grammar was not opened
 */
export function extractFile(source: SourceText, grammar: Grammar, part: RecordPart = 'whole'): FileRecord {
  return withTree(grammar, source.text, (root) => {
    const extraction = new Extraction(source, grammar, root);
    return part === 'whole' ? extraction.run() : extraction.structure();
  });
}

class Extraction {
  private readonly kinds: GrammarNodes;
  private readonly nodes: SortedNodes;
  private readonly mentions = new Mentions();
  private readonly comments: Comments;
  /** Where a name stands that is declared, assigned or called: it is no use of a variable. */
  private readonly named = new Set<number>();
  /** What a value is assigned to, by where the value begins. */
  private readonly targets = new Map<number, string>();

  constructor(
    private readonly source: SourceText,
    private readonly grammar: Grammar,
    private readonly root: SyntaxNode,
  ) {
    this.kinds = nodesOf(grammar);
    this.nodes = sortedNodes(root, grammar);
    this.comments = this.nodes.comments.map(({ start, end }) => ({ start, end }));
  }

  run(): FileRecord {
    for (const node of this.nodes.assignments) this.assignment(node);
    this.members();
    this.calls();
    const structure = this.declarations();
    this.names(this.nodes.variables, MARK.variable);
    this.names(this.nodes.otherNames, 0);
    this.quotedKeys();
    this.tables();
    return { mentions: this.mentions.list(), ...structure, routes: routesOrNone(this.root, this.grammar) };
  }

  structure(): FileRecord {
    for (const node of this.nodes.assignments) this.assignment(node);
    // Calls name nothing but what is wrapped.
    if (WRAPPING.test(this.source.text)) this.calls();
    return { mentions: [], ...this.declarations(), routes: routesOrNone(this.root, this.grammar) };
  }

  private tables(): void {
    for (const { text, line } of sqlInSource(this.root, this.grammar)) {
      this.mentions.add(expressionText(text, 0, text.length, []), line, EXPRESSION | MARK.sql_text);
      this.mentions.addSql(text, line);
    }
    for (const { table, line } of ormTables(this.root, this.grammar))
      this.mentions.add(table, line, MARK.sql_table);
  }

  private names(nodes: readonly SyntaxNode[], marks: number): void {
    const { text } = this.source;
    for (const { start, end } of nodes) {
      const own = marks === 0 || this.named.has(start) || text[start - 1] === '.' ? 0 : marks;
      this.add(this.composed(text.slice(start, end)), start, MARK.identifier | own);
    }
  }

  private quotedKeys(): void {
    const { text } = this.source;
    if (!mayHoldQuotedKeys(text)) return;
    for (const { start, end } of this.nodes.pairs)
      this.quoted(nameOfKey(text.slice(start, Math.min(end, start + 300))), start);
  }

  private quoted(name: string | null, start: number): void {
    if (name !== null && PLAIN_NAME.test(name)) this.add(name, start, MARK.identifier);
  }

  private members(): void {
    let symbolAt = -1;
    for (const { start, end } of this.nodes.members) {
      if (this.kinds.pairs.length > 0 && this.source.text[end - 1] === ']') {
        const subscript = this.source.text.slice(Math.max(start, end - 300), end);
        this.quoted(
          nameInBrackets(subscript),
          Math.max(start, end - subscript.length + subscript.lastIndexOf('[')),
        );
      }
      const text = this.text(start, end);
      const dotted = this.dotted(text);
      if (dotted !== text && /[.[]/.test(text)) this.add(withoutLayout(text), start, EXPRESSION);
      if (dotted === null) continue;
      // The object of a chain begins where the chain begins: it is a prefix of the symbol, not one of its own.
      this.add(dotted, start, start === symbolAt ? EXPRESSION : EXPRESSION | MARK.symbol);
      symbolAt = start;
    }
  }

  private calls(): void {
    const read = new Set<number>();
    for (const node of this.nodes.calls) {
      const list = this.listOf(node);
      this.call(node, list);
      if (list === null) continue;
      this.argumentsOf(list);
      read.add(list.id());
    }
    // Base classes, and what a constructor hands to another one.
    for (const list of this.nodes.argumentLists) if (!read.has(list.id())) this.callee(list, undefined);
  }

  /** What a call ends with, if that is a list in brackets. */
  private listOf(node: SyntaxNode): SyntaxNode | null {
    const list = node.field('arguments');
    const isList = list !== null && list.end === node.end && this.kinds.argumentLists.includes(list.kind());
    return isList && this.source.text[list.start] === '(' ? list : null;
  }

  private call(node: SyntaxNode, list: SyntaxNode | null): void {
    const callee = this.callee(node, list?.start);
    const target = callee !== null && WRAPPERS.test(callee) ? this.targets.get(node.start) : undefined;
    if (target === undefined) return;
    const [first] = list?.namedChildren() ?? [];
    if (first !== undefined) this.targets.set(first.start, target);
  }

  private argumentsOf(list: SyntaxNode): void {
    for (const { start, end } of list.namedChildren()) {
      if (this.isComment(start)) continue;
      this.add(this.spoken(start, end), start, EXPRESSION | MARK.argument);
    }
  }

  /** Notes what is called, which ends where its arguments begin. */
  private callee(node: SyntaxNode, argumentsAt: number | undefined): string | null {
    const { start } = node;
    const to = argumentsAt ?? endOfCallee(node);
    const { text } = this.source;
    const lead = /^(?:new\b|@)\s*/.exec(text.slice(start, start + 16))?.[0].length ?? 0;
    const written = text.slice(start + lead, to);
    const generic = /\s*<[^()]*>\s*$/.exec(written);
    const length = generic?.index ?? written.replace(/[\s?.]+$/, '').length;
    const callee = this.spoken(start + lead, start + lead + length).replace(/\.<[^()]*>/, '.');
    if (callee === '') return null;
    const dotted = this.dotted(callee);
    if (dotted === null && PLAIN_NAME.test(callee)) this.named.add(start + lead);
    this.add(callee, start + lead, EXPRESSION | MARK.callee | (dotted === null ? 0 : MARK.symbol));
    return callee;
  }

  private assignment(node: SyntaxNode): void {
    const target = this.targetOf(node);
    if (target === null) return;
    const value = node.field('value') ?? node.field('right');
    const isList = value !== null && this.kinds.lists.includes(value.kind());
    const items = isList ? value.namedChildren().filter((item) => !item.is('line_continuation')) : [];
    this.assigned(target, value);
    for (const { start, end } of items.length > 1 ? items : [])
      this.add(this.spoken(start, end), start, EXPRESSION | MARK.assigned_text);
  }

  private assigned(target: Span, value: Span | null): void {
    const name = this.spoken(target.start, target.end);
    if (PLAIN_NAME.test(name)) this.named.add(target.start);
    this.add(name, target.start, MARK.assignment);
    if (value === null) return;
    this.targets.set(value.start, name);
    this.add(this.spoken(value.start, value.end), value.start, EXPRESSION | MARK.assigned_text);
  }

  private targetOf(node: SyntaxNode): SyntaxNode | null {
    for (const field of this.kinds.targets) {
      const target = node.field(field);
      if (target !== null) return target;
    }
    return null;
  }

  private declarations(): FileStructure {
    const markup = this.nodes.elements;
    for (const node of markup) this.symbol(node.field('name'));
    const holdsMarkup = ({ start, end }: Span): boolean =>
      markup.some((element) => element.start > start && element.start < end);
    const functions: FunctionRecord[] = [];
    const components: FunctionRecord[] = [];
    for (const found of this.nodes.functions) {
      const declared = this.withSignature(found);
      functions.push(declared);
      if (CAPITALISED.test(declared.name) && holdsMarkup(found)) components.push(declared);
    }
    for (const found of this.nodes.types) {
      const range = this.declared(found);
      if (CAPITALISED.test(range.name) && (holdsMarkup(found) || this.extendsComponent(found)))
        components.push(this.withSignature(found));
    }
    const imports = this.nodes.imports.flatMap((found) => this.importOf(found) ?? []);
    return { functions, imports, components };
  }

  private withSignature(node: SyntaxNode): FunctionRecord {
    const { start, end } = node;
    const body = node.field('body')?.start ?? end;
    const line = this.source.text.lastIndexOf('\n', start - 1) + 1;
    const before = start - line > MAX_SIGNATURE ? '' : this.source.text.slice(line, start);
    const from = NAMING.test(before) ? line : start;
    return { ...this.declared(node), signature: this.text(from, body).slice(0, MAX_SIGNATURE) };
  }

  private declared(node: SyntaxNode): FunctionRange {
    const { start, end } = node;
    return {
      name: this.symbol(node.field('name')) ?? this.targets.get(start) ?? ANONYMOUS,
      startLine: this.source.lineAt(start),
      endLine: this.source.lineAt(Math.max(start, end - 1)),
    };
  }

  private extendsComponent({ start, end }: Span): boolean {
    if (this.kinds.elements.length === 0) return false;
    const head = this.source.text.slice(start, Math.min(end, start + MAX_SIGNATURE));
    return /\bextends\s+(?:React\s*\.\s*)?(?:Pure)?Component\b/.test(head);
  }

  private symbol(name: SyntaxNode | null): string | null {
    if (name === null) return null;
    const { start, end } = name;
    const value = this.spoken(start, end);
    this.named.add(start);
    this.add(value, start, MARK.symbol);
    return value;
  }

  private importOf(node: SyntaxNode): ImportRecord | null {
    const { start, end } = node;
    const module = ['source', 'path', 'module_name', 'name']
      .map((field) => node.field(field))
      .find((part) => part !== null);
    const text = this.text(start, end);
    if (module === undefined && this.grammar !== 'java') return null;
    const named = module?.text() ?? text.replace(/^import (?:static )?| ?;$/g, '');
    return { module: named.replace(/^['"`]|['"`]$/g, ''), line: this.source.lineAt(start), text };
  }

  private isComment(start: number): boolean {
    return this.comments.length > 0 && this.comments.some((comment) => comment.start === start);
  }

  private text(start: number, end: number): string {
    return expressionText(this.source.text, start, end, this.comments);
  }

  /** A chain of names by its dotted name, anything else by its text. */
  private spoken(start: number, end: number): string {
    const text = this.text(start, end);
    if (PLAIN_NAME.test(text)) return this.composed(text);
    return this.dotted(text) ?? withoutLayout(text);
  }

  private dotted(text: string): string | null {
    const name = dottedName(text, this.grammar);
    return name === null ? null : this.composed(name);
  }

  /** Python compares names by their compatibility form. */
  private composed(name: string): string {
    return this.grammar === 'python' ? name.normalize('NFKC') : name;
  }

  private add(value: string, offset: number, marks: number): void {
    this.mentions.add(value, this.source.lineAt(offset), marks);
  }
}

/** Of a call without a list in brackets, such as a tagged template, or with a body after it. */
function endOfCallee(node: SyntaxNode): number {
  const list = node.field('arguments');
  if (list !== null) return list.start;
  const name = node.field('constructor') ?? node.field('name');
  return name?.end ?? node.end;
}
