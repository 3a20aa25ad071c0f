import type { Fact, FactSource, FunctionRange, SourcedFact, UnreadSql } from '#domain/spec/facts.js';
import { scopeMatcher } from '#domain/spec/rule-outline.js';
import {
  astKey,
  TERM_KINDS,
  type AstTerm,
  type Spec,
  type SpecRule,
  type Term,
  type TermKind,
  type TermSet,
} from '#domain/spec/spec.js';
import type { Reader } from '../languages.js';
import { MARK, type RecordReader } from '../record.js';
import { BlobSearch } from './blob-search.js';
import type { Route } from '../routes/routes.js';
import { needleOf, needleOfAst, tableSearch } from './required-words.js';

/**
 * What one blob answers to one spec: facts that a term matches, and of each kind the first one, whatever it says, so
 * that who asks whether there are any is answered.
 */
export interface BlobView {
  readonly facts: Readonly<Partial<Record<TermKind, readonly Fact[]>>>;
  readonly functions: readonly FunctionRange[];
  readonly sourced: readonly SourcedFact[];
  readonly unreadSql: readonly UnreadSql[];
  readonly ast: Readonly<Record<string, readonly number[]>>;
  /** No term can match; whether there is any fact at all, nobody looked. */
  readonly skipped: boolean;
  /** Of a skipped one: that it names no table was told by its text. */
  readonly tablesExcluded?: boolean;
  /** Why it could not be parsed. */
  readonly unread?: string;
}

const MARKED: Readonly<Partial<Record<TermKind, number>>> = {
  identifiers: MARK.identifier,
  expressions: MARK.expression,
  sql_tables: MARK.sql_table,
};
const SOURCES: readonly [FactSource, number][] = [
  ['symbol', MARK.symbol],
  ['variable', MARK.variable],
  ['assignment', MARK.assignment],
  ['callee', MARK.callee],
  ['assigned_text', MARK.assigned_text],
  ['argument', MARK.argument],
  ['sql_text', MARK.sql_text],
  ['sql_table', MARK.sql_table],
];

/** How one rule looks at a commit. */
export interface RuleReach {
  readonly inScope: (path: string) => boolean;
  readonly kinds: readonly TermKind[];
  readonly ast: readonly AstTerm[];
}

/** Everything that a spec asks of facts, whatever the commit. */
export class Query {
  readonly rules: readonly RuleReach[];
  /** Kinds that some rule names. */
  readonly kinds: readonly TermKind[];
  readonly ast: readonly AstTerm[];
  /** Kinds that a scope has to be known to hold or not; routes are known of all files. */
  readonly witnessKinds: readonly TermKind[];
  /** Kinds that some `forbid` names: they are also asked of what a candidate moved out of the scopes. */
  readonly forbidden: readonly TermKind[];
  readonly forbiddenAst: boolean;
  readonly search: BlobSearch;
  readonly asksFunctions: boolean;
  readonly asksTables: boolean;
  readonly asksSources: boolean;
  /** Whether the routes of the whole commit are asked for. */
  readonly asksRoutes: boolean;
  private readonly terms: ReadonlyMap<TermKind, readonly Term[]>;

  constructor(spec: Spec) {
    const { semantics } = spec;
    this.rules = spec.rules.map(reachOf).filter((rule) => rule.kinds.length + rule.ast.length > 0);
    this.kinds = TERM_KINDS.filter((kind) => this.rules.some((rule) => rule.kinds.includes(kind)));
    this.witnessKinds = this.kinds.filter((kind) => kind !== 'api_routes');
    this.ast = distinct(
      this.rules.flatMap((rule) => rule.ast),
      astKey,
    );
    const forbids = spec.rules.flatMap((rule) => rule.forbid ?? []);
    this.forbidden = this.kinds.filter((kind) => forbids.some((side) => side.terms[kind].length > 0));
    this.forbiddenAst = forbids.some((side) => side.ast.length > 0);
    this.asksFunctions = spec.rules.some((rule) => rule.within === 'function');
    this.asksTables = this.kinds.includes('sql_tables');
    this.asksSources = semantics === 'auditor';
    const sides = spec.rules.flatMap(sidesOf);
    this.terms = new Map(
      TERM_KINDS.map((kind) => [
        kind,
        distinct(
          sides.flatMap((side) => side.terms[kind]),
          (term) => term.text,
        ),
      ]),
    );
    this.asksRoutes = this.kinds.includes('api_routes') || (this.asksSources && this.kinds.length > 0);
    // Routes are told by several files together: no single one is searched for them.
    const searched = ['identifiers', 'expressions'] as const;
    this.search = new BlobSearch(
      [
        ...searched.flatMap((kind) => this.terms.get(kind) ?? []).map((term) => needleOf(term, semantics)),
        ...this.ast.map(needleOfAst),
      ],
      (this.terms.get('sql_tables') ?? []).map((term) => tableSearch(term, semantics)),
      (this.terms.get('expressions') ?? []).length > 0,
    );
  }

  /** Stands for a fact of one kind in the scope of one rule. */
  witnessBit(rule: number, kind: TermKind): bigint {
    return 1n << BigInt(rule * TERM_KINDS.length + TERM_KINDS.indexOf(kind));
  }

  /** Routes of one file that a term matches, or else the first one. */
  routes(routes: readonly Route[]): readonly Fact[] {
    const facts = routes.map(({ method, path, line }) => ({ value: `${method} ${path}`, line }));
    const hits = facts.filter(({ value }) =>
      (this.terms.get('api_routes') ?? []).some((term) => term.matches(value)),
    );
    return hits.length > 0 ? hits : facts.slice(0, 1);
  }

  /** The paths of routes are also what the older format counts. */
  sourcedRoutes(routes: readonly Route[]): readonly SourcedFact[] {
    const terms = [...this.terms.values()].flat();
    return routes
      .filter(({ path }) => terms.some((term) => term.matches(path)))
      .map(({ path, line }) => ({ value: path, line, source: 'route' }));
  }

  /** What a blob answers whose record this is. */
  view(record: RecordReader, ast: BlobView['ast']): BlobView {
    const kinds = this.kinds.filter((kind) => MARKED[kind] !== undefined);
    const asked = kinds.map((kind) => ({
      mark: MARKED[kind] ?? 0,
      matches: this.remembered(kind, record),
      facts: [] as Fact[],
    }));
    const unread = new Map<number, string[]>();
    const mayBeTable = this.remembered('sql_tables', record);
    const anyTerm = this.asksSources ? this.remembered(null, record) : null;
    const sourced: SourcedFact[] = [];
    let hits = Object.values(ast).some((lines) => lines.length > 0);
    record.eachMention((index, line, marks) => {
      for (const { mark, matches, facts } of asked) {
        if ((marks & mark) === 0) continue;
        const hit = matches(index);
        if (!hit && facts.length > 0) continue;
        hits ||= hit;
        facts.push({ value: record.values[index] ?? '', line });
      }
      if ((marks & MARK.unread_sql) !== 0 && this.asksTables) {
        const names = unread.get(line) ?? [];
        unread.set(line, mayBeTable(index) ? [...names, record.values[index] ?? ''] : names);
      }
      if (anyTerm?.(index) !== true) return;
      for (const [source, mark] of SOURCES)
        if ((marks & mark) !== 0) sourced.push({ value: record.values[index] ?? '', line, source });
    });
    const facts = Object.fromEntries(kinds.map((kind, index) => [kind, asked[index]?.facts ?? []]));
    const functions = this.asksFunctions && (hits || unread.size > 0) ? record.structure().functions : [];
    const unreadSql = [...unread].map(([line, names]) => ({ line, names }));
    return { facts, sourced, functions, unreadSql, ast, skipped: false };
  }

  /** What a blob answers that no term can match. */
  skipped(ast: BlobView['ast']): BlobView {
    return { facts: {}, sourced: [], functions: [], unreadSql: [], ast, skipped: true };
  }

  /** Each distinct value is asked once, however often it occurs. */
  private remembered(kind: TermKind | null, record: RecordReader): (index: number) => boolean {
    const terms = kind === null ? [...this.terms.values()].flat() : (this.terms.get(kind) ?? []);
    const known = new Int8Array(record.values.length);
    return (index) => {
      if (known[index] === 0) {
        const value = record.values[index] ?? '';
        known[index] = terms.some((term) => term.matches(value)) ? 1 : -1;
      }
      return known[index] === 1;
    };
  }
}

/** Equal for specs that ask the same of facts. */
export function queryKey(spec: Spec): string {
  const side = (set: TermSet | undefined) =>
    set && [TERM_KINDS.map((kind) => set.terms[kind].map((term) => term.text)), set.ast.map(astKey)];
  const rules = spec.rules.map((rule) => [
    rule.scope,
    rule.within,
    side(rule.when),
    side(rule.require),
    side(rule.forbid),
  ]);
  return JSON.stringify([spec.semantics, rules]);
}

/** Whether files of a reader can hold facts of a kind. */
export function hasKind(reader: Reader, kind: TermKind): boolean {
  return reader !== 'sql' || kind === 'sql_tables';
}

function reachOf(rule: SpecRule): RuleReach {
  const sides = sidesOf(rule);
  return {
    inScope: scopeMatcher(rule),
    kinds: TERM_KINDS.filter((kind) => sides.some((side) => side.terms[kind].length > 0)),
    ast: sides.flatMap((side) => side.ast),
  };
}

function sidesOf(rule: SpecRule): TermSet[] {
  return [rule.when, rule.require, rule.forbid].filter((side) => side !== undefined);
}

function distinct<T>(items: readonly T[], identity: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [identity(item), item])).values()];
}
