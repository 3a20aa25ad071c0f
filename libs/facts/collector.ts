import type { CommitFacts } from '#domain/spec/facts.js';
import type { Spec } from '#domain/spec/spec.js';
import type { BlobSource } from '#engine/ports/git.port.js';
import { Collection, type CollectorConfig } from './collection.js';
import { KnownQuery } from './known-query.js';
import { readerOf, SYMLINK } from './languages.js';
import type { Readable, RecordSource } from './record-source.js';
import { Query, queryKey } from './search/query.js';

interface Request {
  readonly source: BlobSource;
  readonly commit: string;
  readonly spec: Spec;
  readonly alsoRead?: readonly string[];
}

const MAX_QUERIES = 8;

/** Answers specs commit by commit, and remembers per spec what each blob and each folder answered. */
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
    for (const file of (await source.tree(commit)).list()) {
      const reader =
        file.mode === SYMLINK || file.size > this.config.maxFileBytes ? null : readerOf(file.path);
      if (reader !== null) readable.set(`${reader} ${file.blob}`, { ...file, reader });
    }
    const wish = {
      source,
      ast: [],
      part: 'whole',
      everything: true,
      worth: () => true,
      mayHoldTables: () => true,
      learn: () => undefined,
    } as const;
    await this.records.study([...readable.values()], wish);
  }

  private queryOf(spec: Spec): KnownQuery {
    const key = queryKey(spec);
    const known = this.queries.get(key) ?? new KnownQuery(new Query(spec), this.config.maxFileBytes);
    this.queries.delete(key);
    this.queries.set(key, known);
    for (const oldest of this.queries.keys()) {
      if (this.queries.size <= MAX_QUERIES) break;
      this.queries.delete(oldest);
    }
    return known;
  }
}
