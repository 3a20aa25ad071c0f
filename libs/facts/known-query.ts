import type { FileFacts } from '#domain/spec/facts.js';
import { astKey, TERM_KINDS, type TermKind } from '#domain/spec/spec.js';
import type { TreeFile } from '#engine/ports/git.port.js';
import { astProblems, termsOf } from './extract/ast-terms.js';
import { readerOf, supportOf, SYMLINK, type Reader } from './languages.js';
import type { RouteParts } from './routes/routes.js';
import { hasKind, type BlobView, type Query } from './search/query.js';

/** What rules want of one path. */
export interface Sight {
  readonly reader: Reader | null;
  readonly support: FileFacts['support'];
  /** Of the query's rules, those whose scope holds the path. */
  readonly rules: readonly number[];
  readonly kinds: readonly TermKind[];
  /** Keys of ast-grep terms. */
  readonly ast: readonly string[];
}

const MAX_VIEWS = 200_000;

/** A spec's query with everything that was learned for it, whatever the commit. */
export class KnownQuery {
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
