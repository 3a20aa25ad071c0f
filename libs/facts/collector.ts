import type { CommitFacts, Fact, FileFacts } from '#domain/spec/facts.js';
import { astKey, TERM_KINDS, type Spec, type TermKind } from '#domain/spec/spec.js';
import type { BlobSource, TreeFile } from '#engine/ports/git.port.js';
import { astProblems, termsOf } from './extract/ast-terms.js';
import { AST_LANGUAGES, astGrammars, readerOf, supportOf, SYMLINK, type Reader } from './languages.js';
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

/** What rules want of one path. */
interface Sight {
  readonly reader: Reader | null;
  readonly support: FileFacts['support'];
  /** Of the query's rules, those whose scope holds the path. */
  readonly rules: readonly number[];
  readonly kinds: readonly TermKind[];
  /** Keys of ast-grep terms. */
  readonly ast: readonly string[];
}

const MAX_QUERIES = 8;
const MAX_VIEWS = 200_000;

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

/** A spec's query with everything that was learned for it, whatever the commit. */
class KnownQuery {
  private readonly views = new Map<Reader, Map<string, BlobView>>();
  private readonly sights = new Map<string, Sight>();
  /** By blob; what says nothing about routes is left out. */
  readonly routeParts = new Map<string, RouteParts>();
  /** Files that were answered, by the tree's own entries: what did not change since is not looked at again. */
  private answers = new WeakMap<TreeFile, FileFacts>();
  private users = 0;
  /** Of terms that can never match: what names them cannot be judged, on no commit. */
  readonly astProblems: Readonly<Record<string, string>>;

  constructor(readonly query: Query) {
    this.astProblems = astProblems(query.ast);
  }

  view(reader: Reader, blob: string): BlobView | undefined {
    return this.views.get(reader)?.get(blob);
  }

  remember(reader: Reader, blob: string, view: BlobView): void {
    let views = this.views.get(reader);
    if (views === undefined) this.views.set(reader, (views = new Map<string, BlobView>()));
    views.set(blob, view);
  }

  answered(file: TreeFile): FileFacts | undefined {
    return this.answers.get(file);
  }

  keep(file: TreeFile, answer: FileFacts): void {
    this.answers.set(file, answer);
  }

  /** Some blobs answer more than they did. */
  forgetAnswers(): void {
    this.answers = new WeakMap();
  }

  /** Forgets only while nobody relies on what was learned. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    this.users += 1;
    try {
      return await work();
    } finally {
      this.users -= 1;
      const held = [...this.views.values()].reduce((sum, views) => sum + views.size, 0);
      if (this.users === 0 && Math.max(held, this.sights.size) > MAX_VIEWS) {
        this.views.clear();
        this.sights.clear();
        this.routeParts.clear();
        this.forgetAnswers();
      }
    }
  }

  sight(file: TreeFile): Sight {
    // A link's blob is a path, not code; what it points at is judged where it lies.
    if (file.mode === SYMLINK) return LINK;
    const known = this.sights.get(file.path);
    if (known !== undefined) return known;
    const sight = this.look(file.path);
    this.sights.set(file.path, sight);
    return sight;
  }

  /** What a `forbid` asks of a path outside of every scope. */
  beyond(file: TreeFile): Sight {
    const sight = this.sight(file);
    const { query } = this;
    if (sight.reader === null) return sight;
    return {
      ...sight,
      kinds: ofReader(sight.reader, [...sight.kinds, ...query.forbidden]),
      ast: query.forbiddenAst ? this.astKeys(sight.reader, query.ast.map(astKey)) : sight.ast,
    };
  }

  private look(path: string): Sight {
    const reader = readerOf(path);
    const { rules } = this.query;
    const indexes = reader === null ? [] : [...rules.keys()].filter((index) => rules[index]?.inScope(path));
    const inScope = indexes.flatMap((index) => rules[index] ?? []);
    return {
      reader,
      support: supportOf(path),
      rules: indexes,
      kinds:
        reader === null
          ? []
          : ofReader(
              reader,
              inScope.flatMap((rule) => rule.kinds),
            ),
      ast:
        reader === null
          ? []
          : this.astKeys(
              reader,
              inScope.flatMap((rule) => rule.ast.map(astKey)),
            ),
    };
  }

  private astKeys(reader: Reader, keys: readonly string[]): string[] {
    if (reader === 'sql') return [];
    return termsOf(this.query.ast, reader)
      .map(astKey)
      .filter((key) => keys.includes(key));
  }
}

const LINK: Sight = { reader: null, support: 'not_source', rules: [], kinds: [], ast: [] };

function ofReader(reader: Reader, kinds: readonly TermKind[]): TermKind[] {
  return TERM_KINDS.filter((kind) => kinds.includes(kind) && hasKind(reader, kind));
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
    const extra = new Set(this.query.forbidden.length > 0 || this.query.forbiddenAst ? alsoRead : []);
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
    for (const file of files) {
      const { reader, kinds, ast } = extra.has(file.path) ? known.beyond(file) : known.sight(file);
      if (reader === null || kinds.length + ast.length === 0 || file.size > this.config.maxFileBytes)
        continue;
      const view = known.view(reader, file.blob);
      if (view !== undefined && (skip || !view.skipped)) continue;
      wanted.set(`${reader} ${file.blob}`, { blob: file.blob, size: file.size, reader });
    }
    await this.records.study([...wanted.values()], {
      source: this.source,
      ast: query.ast,
      part: 'whole',
      worth: (content, file) => !skip || this.isWorth(content, file),
      mayHoldTables: (content, { reader }) =>
        query.kinds.includes('sql_tables') && mayHoldTables(readSource(content, reader).text, reader),
      learn: (file, learned) => known.remember(file.reader, file.blob, this.viewOf(file, learned)),
    });
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
