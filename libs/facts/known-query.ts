import type { Fact, FileFacts } from '#domain/spec/facts.js';
import { Folder } from '#domain/spec/folder.js';
import { astKey, TERM_KINDS, type TermKind } from '#domain/spec/spec.js';
import type { TreeFile } from '#engine/ports/git.port.js';
import { astProblems } from './extract/ast-terms.js';
import { readerOf, supportOf, SYMLINK, termsOf, type Reader } from './languages.js';
import type { RouteParts } from './routes/routes.js';
import { hasKind, type BlobView, type Query } from './search/query.js';

/** What rules want of one path. */
export interface Sight {
  readonly reader: Reader | null;
  readonly support: FileFacts['support'];
  readonly kinds: readonly TermKind[];
  /** Keys of ast-grep terms. */
  readonly ast: readonly string[];
  /** By kind, the rules in whose scope the path lies and that ask for it, as bits of `witnessBit`. */
  readonly askedBy: Readonly<Partial<Record<TermKind, bigint>>>;
}

/** What the files of one folder answer, together with those of the folders in it. */
export interface FolderAnswer {
  readonly files: Folder<FileFacts>;
  /** Rules and kinds of which some file of the rule's scope is known to hold a fact. */
  readonly witnessed: bigint;
  /** Those of which a file that was not parsed may hold one. */
  readonly open: bigint;
  /** Files that say something about routes. */
  readonly routed: readonly TreeFile[];
}

const MAX_VIEWS = 200_000;
const NONE: readonly Fact[] = [];
const LINK: Sight = { reader: null, support: 'not_source', kinds: [], ast: [], askedBy: {} };

/** A spec's query with everything that was learned for it, whatever the commit. */
export class KnownQuery {
  private readonly views = new Map<Reader, Map<string, BlobView>>();
  private readonly sights = new Map<string, Sight>();
  /** By blob; what says nothing about routes is left out. */
  readonly routeParts = new Map<string, RouteParts>();
  /** Commits share the folders that did not change: their files are not looked at again. */
  private answers = new WeakMap<Folder<TreeFile>, FolderAnswer>();
  private users = 0;
  /** Of terms that can never match: what names them cannot be judged, on no commit. */
  readonly astProblems: Readonly<Record<string, string>>;

  constructor(
    readonly query: Query,
    private readonly maxFileBytes: number,
  ) {
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

  /** Some blobs answer more than they did. */
  forgetAnswers(): void {
    this.answers = new WeakMap();
  }

  /** Files of the folders that did not answer yet. */
  unanswered(folder: Folder<TreeFile>): TreeFile[] {
    if (this.answers.has(folder)) return [];
    const files: TreeFile[] = [];
    for (const entry of folder.entries.values()) {
      if (!(entry instanceof Folder)) files.push(entry);
      else for (const file of this.unanswered(entry)) files.push(file);
    }
    return files;
  }

  /** Every file that a rule asks for must have been learned. */
  answerOf(folder: Folder<TreeFile>): FolderAnswer {
    let answer = this.answers.get(folder);
    if (answer === undefined) this.answers.set(folder, (answer = this.combine(folder)));
    return answer;
  }

  /** Files that were not parsed, among them those that may hold what a bit of `witnessBit` stands for. */
  openFiles(folder: Folder<TreeFile>, bit: bigint): TreeFile[] {
    if ((this.answerOf(folder).open & bit) === 0n) return [];
    return [...folder.entries.values()].flatMap((entry) => {
      if (entry instanceof Folder) return this.openFiles(entry, bit);
      return (this.open(entry) & bit) === 0n ? [] : [entry];
    });
  }

  answer(file: TreeFile, { reader, support, kinds, ast }: Sight): FileFacts {
    const base = { path: file.path, support, facts: {} };
    if (reader === null || kinds.length + ast.length === 0) return base;
    if (file.size > this.maxFileBytes) return { ...base, unread: `larger than ${this.maxFileBytes} bytes` };
    const view = this.view(reader, file.blob);
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

  /** What a file is known to hold, as bits of `witnessBit`. */
  witnessed({ askedBy }: Sight, { facts }: FileFacts): bigint {
    let bits = 0n;
    for (const kind of this.query.witnessKinds)
      if ((facts[kind]?.length ?? 0) > 0) bits |= askedBy[kind] ?? 0n;
    return bits;
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

  private combine(folder: Folder<TreeFile>): FolderAnswer {
    const entries = new Map<string, FileFacts | Folder<FileFacts>>();
    const routed: TreeFile[] = [];
    let witnessed = 0n;
    let open = 0n;
    for (const [name, entry] of folder.entries) {
      if (entry instanceof Folder) {
        const inner = this.answerOf(entry);
        entries.set(name, inner.files);
        witnessed |= inner.witnessed;
        open |= inner.open;
        for (const file of inner.routed) routed.push(file);
        continue;
      }
      const sight = this.sight(entry);
      const facts = this.answer(entry, sight);
      entries.set(name, facts);
      witnessed |= this.witnessed(sight, facts);
      open |= this.open(entry);
      if (this.partsOf(entry) !== undefined) routed.push(entry);
    }
    return { files: new Folder(entries), witnessed, open, routed };
  }

  /** What a file says about routes. */
  partsOf(file: TreeFile): RouteParts | undefined {
    const { reader } = this.sight(file);
    return reader === null ? undefined : this.routeParts.get(`${reader} ${file.blob}`);
  }

  private open(file: TreeFile): bigint {
    const { reader, askedBy } = this.sight(file);
    const view = reader === null ? undefined : this.view(reader, file.blob);
    if (view?.skipped !== true) return 0n;
    let bits = 0n;
    for (const kind of this.query.witnessKinds)
      if (kind !== 'sql_tables' || view.tablesExcluded !== true) bits |= askedBy[kind] ?? 0n;
    return bits;
  }

  private look(path: string): Sight {
    const reader = readerOf(path);
    const support = supportOf(path);
    if (reader === null) return { ...LINK, support };
    const { query } = this;
    const inScope = [...query.rules.entries()].filter(([, rule]) => rule.inScope(path));
    const kinds = ofReader(
      reader,
      inScope.flatMap(([, rule]) => rule.kinds),
    );
    const askers = (kind: TermKind) => inScope.filter(([, rule]) => rule.kinds.includes(kind));
    const bitsOf = (kind: TermKind): bigint =>
      askers(kind).reduce((bits, [rule]) => bits | query.witnessBit(rule, kind), 0n);
    return {
      reader,
      support,
      kinds,
      ast: this.astKeys(
        reader,
        inScope.flatMap(([, rule]) => rule.ast.map(astKey)),
      ),
      askedBy: Object.fromEntries(kinds.map((kind) => [kind, bitsOf(kind)])),
    };
  }

  private astKeys(reader: Reader, keys: readonly string[]): string[] {
    if (reader === 'sql') return [];
    return termsOf(this.query.ast, reader)
      .map(astKey)
      .filter((key) => keys.includes(key));
  }
}

function ofReader(reader: Reader, kinds: readonly TermKind[]): TermKind[] {
  return TERM_KINDS.filter((kind) => kinds.includes(kind) && hasKind(reader, kind));
}
