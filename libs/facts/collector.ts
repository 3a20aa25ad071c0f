import type { CommitFacts, Fact, FileFacts } from '#domain/spec/facts.js';
import { astKey, TERM_KINDS, type Spec, type TermKind } from '#domain/spec/spec.js';
import type { BlobSource, TreeFile } from '#engine/ports/git.port.js';
import { termsOf } from './extract/ast-terms.js';
import { KnownQuery } from './known-query.js';
import { AST_LANGUAGES, astGrammars, readerOf, SYMLINK } from './languages.js';
import type { Learned, Readable, RecordSource } from './record-source.js';
import { readSource } from './extract/source-text.js';
import { mayHoldTables } from './sql/may-hold-tables.js';
import { mayHoldRoutes, resolveRoutes, type Route, type RouteParts } from './routes/routes.js';
import { hasKind, Query, queryKey, type BlobView } from './search/query.js';

interface CollectorConfig {
  readonly maxFileBytes: number;
  readonly skip: boolean;
}

interface Request {
  readonly source: BlobSource;
  readonly commit: string;
  readonly spec: Spec;
  readonly alsoRead?: readonly string[];
}

const MAX_QUERIES = 8;

/** Answers specs commit by commit, and remembers per spec what each blob answered. */
export class Collector {
  private readonly queries = new Map<string, KnownQuery>();

  constructor(
    private readonly records: RecordSource,
    private readonly config: CollectorConfig,
  ) {}

  async collect({ source, commit, spec, alsoRead }: Request): Promise<CommitFacts> {
    const known = this.queryOf(spec);
    const tree = await source.tree(commit);
    const collection = new Collection(this.records, this.config, known, source, tree);
    return await known.use(() => collection.run(commit, alsoRead ?? []));
  }

  async fill({ source, commit }: Pick<Request, 'source' | 'commit'>): Promise<void> {
    const readable = new Map<string, Readable>();
    for (const file of await source.tree(commit)) {
      const reader =
        file.mode === SYMLINK || file.size > this.config.maxFileBytes ? null : readerOf(file.path);
      if (reader !== null) readable.set(`${reader} ${file.blob}`, { ...file, reader });
    }
    const wish = {
      source,
      ast: [],
      part: 'whole',
      worth: () => true,
      mayHoldTables: () => true,
      learn: () => undefined,
    } as const;
    await this.records.study([...readable.values()], wish);
  }

  private queryOf(spec: Spec): KnownQuery {
    const key = queryKey(spec);
    let known = this.queries.get(key);
    if (known === undefined) {
      known = new KnownQuery(new Query(spec));
    }
    this.queries.delete(key);
    this.queries.set(key, known);
    for (const oldest of this.queries.keys()) {
      if (this.queries.size <= MAX_QUERIES) break;
      this.queries.delete(oldest);
    }
    return known;
  }
}

/** One commit's answer to one query. */
class Collection {
  private readonly query: Query;

  constructor(
    private readonly records: RecordSource,
    private readonly config: CollectorConfig,
    private readonly known: KnownQuery,
    private readonly source: BlobSource,
    private readonly tree: readonly TreeFile[],
  ) {
    this.query = known.query;
  }

  async run(commit: string, alsoRead: readonly string[]): Promise<CommitFacts> {
    const { forbidden, forbiddenAst, asksTables } = this.query;
    const extra = new Set(forbidden.length > 0 || forbiddenAst || asksTables ? alsoRead : []);
    await this.study(
      this.tree.filter((file) => this.known.answered(file) === undefined || extra.has(file.path)),
      extra,
      this.config.skip,
    );
    await this.findWitnesses();
    const routes = this.query.asksRoutes ? this.routes() : NO_ROUTES;
    const files = this.tree.map((file) => {
      const beyond = extra.has(file.path);
      const answer = beyond ? this.answer(file, true) : this.remembered(file);
      return this.query.asksRoutes
        ? this.withRoutes(file, answer, beyond, routes.get(file.path) ?? [])
        : answer;
    });
    const { astProblems } = this.known;
    return { commit, kinds: KINDS, astLanguages: this.astLanguages(), astProblems, files };
  }

  /** Learns what is not known yet of the files that are asked for. */
  private async study(files: readonly TreeFile[], extra: ReadonlySet<string>, skip: boolean): Promise<void> {
    const { known, query } = this;
    const wanted = new Map<string, Readable>();
    // What was changed may have been cut, and then no word of it tells what it was.
    const maybeCut = new Set<string>();
    for (const file of files) {
      const { reader, kinds, ast } = extra.has(file.path) ? known.beyond(file) : known.sight(file);
      if (reader === null || kinds.length + ast.length === 0 || file.size > this.config.maxFileBytes)
        continue;
      const view = known.view(reader, file.blob);
      if (extra.has(file.path) && kinds.includes('sql_tables')) maybeCut.add(file.blob);
      const again = !skip || (maybeCut.has(file.blob) && view?.tablesExcluded !== true);
      if (view !== undefined && !(view.skipped && again)) continue;
      wanted.set(`${reader} ${file.blob}`, { blob: file.blob, size: file.size, reader });
    }
    await this.records.study([...wanted.values()], {
      source: this.source,
      ast: query.ast,
      part: 'whole',
      worth: (content, file) =>
        !skip ||
        this.isWorth(content, file) ||
        (maybeCut.has(file.blob) && this.mayHoldTables(content, file)),
      mayHoldTables: (content, file) => query.asksTables && this.mayHoldTables(content, file),
      learn: (file, learned) => known.remember(file.reader, file.blob, this.viewOf(file, learned)),
    });
  }

  private mayHoldTables(content: Buffer, { reader }: Readable): boolean {
    return mayHoldTables(readSource(content, reader).text, reader);
  }

  private isWorth(content: Buffer, { reader }: Readable): boolean {
    if (this.query.search.mayHold(content, reader)) return true;
    return (
      this.query.asksRoutes && reader !== 'sql' && mayHoldRoutes(readSource(content, reader).text, reader)
    );
  }

  private routes(): ReadonlyMap<string, readonly Route[]> {
    const parts = new Map<string, RouteParts>();
    for (const file of this.tree) {
      const { reader } = this.known.sight(file);
      const known = reader === null ? undefined : this.known.routeParts.get(`${reader} ${file.blob}`);
      if (known !== undefined) parts.set(file.path, known);
    }
    return resolveRoutes(parts);
  }

  private withRoutes(
    file: TreeFile,
    answer: FileFacts,
    beyond: boolean,
    routes: readonly Route[],
  ): FileFacts {
    const { kinds } = beyond ? this.known.beyond(file) : this.known.sight(file);
    const asked = kinds.includes('api_routes') && answer.unread === undefined;
    if (!asked && (answer.sourced === undefined || routes.length === 0)) return answer;
    const { sourced } = answer;
    return {
      ...answer,
      facts: asked ? { ...answer.facts, api_routes: this.query.routes(routes) } : answer.facts,
      ...(sourced && { sourced: [...sourced, ...this.query.sourcedRoutes(routes)] }),
    };
  }

  private viewOf(file: Readable, learned: Learned): BlobView {
    const none = file.reader === 'sql' ? [] : termsOf(this.query.ast, file.reader);
    if (learned.kind === 'skipped') {
      const ast = Object.fromEntries(none.map((term) => [astKey(term), []]));
      return { ...this.query.skipped(ast), tablesExcluded: !learned.mayHoldTables };
    }
    if (learned.kind === 'unread')
      return { ...this.query.skipped({}), skipped: false, unread: learned.reason };
    if (learned.record === null) throw new Error(`The record of blob ${file.blob} is not known.`);
    const routes = this.query.asksRoutes ? learned.record.routes() : null;
    if (routes !== null) this.known.routeParts.set(`${file.reader} ${file.blob}`, routes);
    return this.query.view(learned.record, learned.ast);
  }

  /**
   * Where a rule's scope holds no fact of a kind among what was parsed, files that were skipped are parsed until one
   * has some: an empty scope proves nothing, so nobody may take a skipped file for an empty one.
   */
  private async findWitnesses(): Promise<void> {
    const missing = this.unwitnessed();
    if (missing.size === 0) return;
    for (const [index, kinds] of missing) {
      for (const kind of kinds) await this.findWitness(index, kind);
    }
  }

  private async findWitness(rule: number, kind: TermKind): Promise<void> {
    const skipped = this.tree.filter((file) => {
      const { reader, rules } = this.known.sight(file);
      if (reader === null || !rules.includes(rule) || !hasKind(reader, kind)) return false;
      const view = this.known.view(reader, file.blob);
      return view?.skipped === true && !(kind === 'sql_tables' && view.tablesExcluded === true);
    });
    // One is nearly always enough; where none has any, all have to be parsed.
    for (let at = 0, count = 1; at < skipped.length; at += count, count *= 4) {
      const some = skipped.slice(at, at + count);
      await this.study(some, new Set(), false);
      this.known.forgetAnswers();
      if (some.some((file) => (this.answer(file, false).facts[kind] ?? []).length > 0)) return;
    }
  }

  /** Kinds by rule of whose facts none is known in the rule's scope. */
  private unwitnessed(): Map<number, Set<TermKind>> {
    const searched = this.query.kinds.filter((kind) => kind !== 'api_routes');
    const missing = new Map(
      this.query.rules.map((rule, index) => [
        index,
        new Set(rule.kinds.filter((kind) => kind !== 'api_routes')),
      ]),
    );
    for (const [rule, kinds] of missing) if (kinds.size === 0) missing.delete(rule);
    for (const file of this.tree) {
      if (missing.size === 0) return missing;
      const { facts } = this.remembered(file);
      for (const kind of searched) {
        if ((facts[kind]?.length ?? 0) === 0) continue;
        for (const rule of this.known.sight(file).rules) {
          const kinds = missing.get(rule);
          kinds?.delete(kind);
          if (kinds?.size === 0) missing.delete(rule);
        }
      }
    }
    return missing;
  }

  private remembered(file: TreeFile): FileFacts {
    const before = this.known.answered(file);
    if (before !== undefined) return before;
    const answer = this.answer(file, false);
    this.known.keep(file, answer);
    return answer;
  }

  private answer(file: TreeFile, beyond: boolean): FileFacts {
    const { reader, support, kinds, ast } = beyond ? this.known.beyond(file) : this.known.sight(file);
    const base = { path: file.path, support, facts: {} };
    if (reader === null || kinds.length + ast.length === 0) return base;
    const { maxFileBytes } = this.config;
    if (file.size > maxFileBytes) return { ...base, unread: `larger than ${maxFileBytes} bytes` };
    const view = this.known.view(reader, file.blob);
    if (view === undefined) throw new Error(`${file.path} was not looked at.`);
    if (view.unread !== undefined) return { ...base, unread: view.unread };
    const { query } = this;
    return {
      ...base,
      facts: Object.fromEntries(kinds.map((kind) => [kind, view.facts[kind] ?? NONE])),
      ...(query.asksFunctions && { functions: view.functions }),
      ...(ast.length > 0 && { ast: Object.fromEntries(ast.map((key) => [key, view.ast[key] ?? []])) }),
      ...(query.asksSources && { sourced: view.sourced }),
      ...(view.unreadSql.length > 0 && kinds.includes('sql_tables') && { unreadSql: view.unreadSql }),
    };
  }

  /** As ast-grep names them, and as this spec does. */
  private astLanguages(): string[] {
    const written = this.query.ast.map((term) => term.language).filter((name) => astGrammars(name) !== null);
    return [...new Set([...AST_LANGUAGES, ...written])];
  }
}

const NONE: readonly Fact[] = [];
const NO_ROUTES: ReadonlyMap<string, readonly Route[]> = new Map();
const KINDS: readonly TermKind[] = TERM_KINDS;
