import { parse, type NapiConfig, type SgNode, type SgRoot } from '@ast-grep/napi';
import type { FunctionRange } from '#domain/spec/facts.js';
import { parserLanguage, type Grammar } from '../languages.js';
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
import { dottedName, expressionText, withoutLayout, type Comments } from './expression-text.js';
import { mayHoldQuotedKeys, nameInBrackets, nameOfKey } from './quoted-names.js';
import { rulesOf, type GrammarRules } from './grammar-nodes.js';
import { Mentions } from './mentions.js';
import type { SourceText } from './source-text.js';

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Found extends Span {
  readonly node: SgNode;
}

/** The name of a function that has none. */
export const ANONYMOUS = '(anonymous)';
const MAX_SIGNATURE = 200;
/** What exports or names a function right before it. */
const NAMING =
  /^\s*(?=\S)(?:export\s+(?:default\s+)?)?(?:(?:const|let|var)\s+[\p{ID_Continue}$]+[^=;(]*=\s*(?:[\w.]+\()?)?$/u;
const WRAPPING = /\b(?:memo|forwardRef|observer)\b/;
const WRAPPERS = /(?:^|\.)(?:memo|forwardRef|observer)$/;
/** A name, what assigns to it, and no comment before the value. */
const PLAIN_ASSIGNMENT =
  /^([\p{ID_Start}_$][\p{ID_Continue}$]*)\s*(?:[-+*/%|&^:]|\*\*|\?\?|&&|\|\|)?=\s*(?![=/#\s])/u;
/** A list of names, chains and numbers: where its items are is plain from the text. */
const PLAIN_LIST = /^\([\w$.,\s]*\)$/;
const PLAIN_NAME = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;
const CAPITALISED = /^\p{Lu}/u;
const EXPRESSION = MARK.expression;

/**
 * Everything that one source file holds. Broken code is read as far as the grammar recovers.
 *
 * @param part `structure`: without mentions, for a third of the time
 */
export function extractFile(
  source: SourceText,
  grammar: Grammar,
  parsed?: SgRoot,
  part: RecordPart = 'whole',
): FileRecord {
  const root = (parsed ?? parse(parserLanguage(grammar), source.text)).root();
  const extraction = new Extraction(source, grammar, root);
  return part === 'whole' ? extraction.run() : extraction.structure();
}

/**
 * Every call into the parser costs more than a line of text does, so one search finds all nodes of a sort, and what
 * they are made of is read from the text where their places alone tell it.
 */
class Extraction {
  private readonly rules: GrammarRules;
  private readonly mentions = new Mentions();
  private readonly comments: Comments;
  private readonly rest: Readonly<
    Record<'functions' | 'types' | 'imports' | 'comments' | 'elements', Found[]>
  >;
  /** Where a name stands that is declared, assigned or called: it is no use of a variable. */
  private readonly named = new Set<number>();
  /** What a value is assigned to, by where the value begins. */
  private readonly targets = new Map<number, string>();

  constructor(
    private readonly source: SourceText,
    private readonly grammar: Grammar,
    private readonly root: SgNode,
  ) {
    this.rules = rulesOf(grammar);
    this.rest = this.sorted();
    this.comments = this.rest.comments;
  }

  run(): FileRecord {
    const { rules } = this;
    for (const found of this.find(rules.assignments)) this.assignment(found);
    this.members();
    this.calls();
    const structure = this.declarations();
    this.names(rules.variables, MARK.variable);
    this.names(rules.otherNames, 0);
    this.quotedKeys();
    this.tables();
    return { mentions: this.mentions.list(), ...structure, routes: routesOrNone(this.root, this.grammar) };
  }

  structure(): FileRecord {
    for (const found of this.find(this.rules.assignments)) this.assignment(found);
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

  private names(rule: NapiConfig | null, marks: number): void {
    const { text } = this.source;
    for (const node of rule === null ? [] : this.root.findAll(rule)) {
      const { startPos: start, endPos } = node.replace('');
      const value = this.composed(text.slice(start, endPos));
      const own = marks === 0 || this.named.has(start) || text[start - 1] === '.' ? 0 : marks;
      this.add(value, start, MARK.identifier | own);
    }
  }

  private quotedKeys(): void {
    const { text } = this.source;
    if (this.rules.pairs === null || !mayHoldQuotedKeys(text)) return;
    for (const { start, end } of this.find(this.rules.pairs))
      this.quoted(nameOfKey(text.slice(start, Math.min(end, start + 300))), start);
  }

  private quoted(name: string | null, start: number): void {
    if (name !== null && PLAIN_NAME.test(name)) this.add(name, start, MARK.identifier);
  }

  private members(): void {
    let symbolAt = -1;
    for (const { start, end } of this.find(this.rules.members)) {
      if (this.rules.pairs !== null) {
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
    const byEnd = new Map<number, Found[]>();
    for (const found of this.find(this.rules.calls)) {
      const others = byEnd.get(found.end);
      if (others === undefined) byEnd.set(found.end, [found]);
      else others.push(found);
    }
    for (const group of byEnd.values()) {
      // A call ends with its list, which is found after it and begins with its bracket.
      const last = group.at(-1);
      const list =
        group.length > 1 && last !== undefined && this.source.text[last.start] === '(' ? last : null;
      for (const call of group) if (call !== list) this.call(call, list);
      if (list !== null) this.argumentsOf(list);
    }
  }

  private call(call: Found, list: Found | null): void {
    const callee = this.callee(call, list?.start);
    const target = callee !== null && WRAPPERS.test(callee) ? this.targets.get(call.start) : undefined;
    if (target === undefined) return;
    const [first] = list?.node.namedChildren() ?? [];
    if (first !== undefined) this.targets.set(first.replace('').startPos, target);
  }

  private argumentsOf({ node, start, end }: Found): void {
    if (PLAIN_LIST.test(this.source.text.slice(start, Math.min(end, start + 200)))) {
      for (let at = start + 1; at < end - 1;) {
        const comma = this.source.text.indexOf(',', at);
        const to = comma < 0 || comma > end ? end - 1 : comma;
        const value = this.spoken(at, to);
        const blank = this.source.text.slice(at, to).search(/\S/);
        if (blank >= 0) this.add(value, at + blank, EXPRESSION | MARK.argument);
        at = to + 1;
      }
      return;
    }
    for (const argument of node.namedChildren()) {
      const { startPos, endPos } = argument.replace('');
      if (this.isComment(startPos)) continue;
      this.add(this.spoken(startPos, endPos), startPos, EXPRESSION | MARK.argument);
    }
  }

  /** Notes what is called, which ends where its arguments begin. */
  private callee({ node, start, end }: Found, argumentsAt: number | undefined): string | null {
    const to = argumentsAt ?? this.endOfCallee(node, end);
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

  /** Of a call without a list in brackets, such as a tagged template, or with a body after it. */
  private endOfCallee(node: SgNode, end: number): number {
    const list = node.field('arguments');
    if (list !== null) return list.replace('').startPos;
    const name = node.field('constructor') ?? node.field('name');
    return name?.replace('').endPos ?? end;
  }

  private assignment(found: Found): void {
    const head = this.source.text.slice(found.start, Math.min(found.end, found.start + 80));
    const [whole, plain] = PLAIN_ASSIGNMENT.exec(head) ?? [];
    if (whole !== undefined && plain !== undefined) {
      const { start } = found;
      const value = { start: start + whole.length, end: found.end };
      this.assigned({ start, end: start + plain.length }, value);
      return;
    }
    const target = this.targetOf(found.node);
    if (target === null) return;
    const value = found.node.field('value') ?? found.node.field('right');
    const { lists } = this.rules.nodes;
    const isList = value !== null && lists.length > 0 && lists.includes(value.kind() as string);
    const items = isList ? value.namedChildren() : [];
    this.assigned(target, value === null ? null : spanOf(value));
    for (const item of items.length > 1 ? items : []) {
      const { start, end } = spanOf(item);
      this.add(this.spoken(start, end), start, EXPRESSION | MARK.assigned_text);
    }
  }

  private assigned(target: Span, value: Span | null): void {
    const name = this.spoken(target.start, target.end);
    if (PLAIN_NAME.test(name)) this.named.add(target.start);
    this.add(name, target.start, MARK.assignment);
    if (value === null) return;
    this.targets.set(value.start, name);
    this.add(this.spoken(value.start, value.end), value.start, EXPRESSION | MARK.assigned_text);
  }

  private targetOf(node: SgNode): Span | null {
    for (const field of this.rules.nodes.targets) {
      const target = node.field(field);
      if (target === null) continue;
      return spanOf(target);
    }
    return null;
  }

  private declarations(): FileStructure {
    const markup = this.rest.elements;
    for (const { node } of markup) this.symbol(node.field('name'));
    const holdsMarkup = ({ start, end }: Span): boolean =>
      markup.some((element) => element.start > start && element.start < end);
    const functions: FunctionRecord[] = [];
    const components: FunctionRecord[] = [];
    for (const found of this.rest.functions) {
      const declared = this.withSignature(found);
      functions.push(declared);
      if (CAPITALISED.test(declared.name) && holdsMarkup(found)) components.push(declared);
    }
    for (const found of this.rest.types) {
      const range = this.declared(found);
      if (CAPITALISED.test(range.name) && (holdsMarkup(found) || this.extendsComponent(found)))
        components.push(this.withSignature(found));
    }
    const imports = this.rest.imports.flatMap((found) => this.importOf(found) ?? []);
    return { functions, imports, components };
  }

  private withSignature(found: Found): FunctionRecord {
    const { node, start, end } = found;
    const body = node.field('body')?.replace('').startPos ?? end;
    const line = this.source.text.lastIndexOf('\n', start - 1) + 1;
    const before = start - line > MAX_SIGNATURE ? '' : this.source.text.slice(line, start);
    const from = NAMING.test(before) ? line : start;
    return { ...this.declared(found), signature: this.text(from, body).slice(0, MAX_SIGNATURE) };
  }

  private declared({ node, start, end }: Found): FunctionRange {
    return {
      name: this.symbol(node.field('name')) ?? this.targets.get(start) ?? ANONYMOUS,
      startLine: this.source.lineAt(start),
      endLine: this.source.lineAt(Math.max(start, end - 1)),
    };
  }

  private extendsComponent({ start, end }: Span): boolean {
    if (this.rules.nodes.elements.length === 0) return false;
    const head = this.source.text.slice(start, Math.min(end, start + MAX_SIGNATURE));
    return /\bextends\s+(?:React\s*\.\s*)?(?:Pure)?Component\b/.test(head);
  }

  private symbol(name: SgNode | null): string | null {
    if (name === null) return null;
    const { startPos, endPos } = name.replace('');
    const value = this.spoken(startPos, endPos);
    this.named.add(startPos);
    this.add(value, startPos, MARK.symbol);
    return value;
  }

  private importOf({ node, start, end }: Found): ImportRecord | null {
    const module = ['source', 'path', 'module_name', 'name']
      .map((field) => node.field(field))
      .find((part) => part !== null);
    const text = this.text(start, end);
    if (module === undefined && this.grammar !== 'java') return null;
    const named = module?.text() ?? text.replace(/^import (?:static )?| ?;$/g, '');
    return { module: named.replace(/^['"`]|['"`]$/g, ''), line: this.source.lineAt(start), text };
  }

  private sorted(): Extraction['rest'] {
    const { nodes, rest } = this.rules;
    const sorted = {
      functions: [],
      types: [],
      imports: [],
      comments: [],
      elements: [],
    } as Extraction['rest'];
    for (const found of this.find(rest)) {
      const kind = found.node.kind() as string;
      if (nodes.comments.includes(kind)) sorted.comments.push(found);
      else if (nodes.functions.includes(kind)) sorted.functions.push(found);
      else if (nodes.types.includes(kind)) sorted.types.push(found);
      else if (nodes.imports.includes(kind)) sorted.imports.push(found);
      else sorted.elements.push(found);
    }
    return sorted;
  }

  private find(rule: NapiConfig | null): Found[] {
    if (rule === null) return [];
    return this.root.findAll(rule).map((node) => {
      // An edit is the cheapest answer of the parser that holds both places.
      const { startPos: start, endPos: end } = node.replace('');
      return { node, start, end };
    });
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

function spanOf(node: SgNode): Span {
  const { startPos: start, endPos: end } = node.replace('');
  return { start, end };
}
