import type { CommitFacts, FileFacts } from '#domain/spec/facts.js';
import type { Folder } from '#domain/spec/folder.js';
import { astKey, TERM_KINDS } from '#domain/spec/spec.js';
import type { BlobSource, TreeFile } from '#engine/ports/git.port.js';
import { readSource } from './extract/source-text.js';
import type { KnownQuery, Sight } from './known-query.js';
import { AST_LANGUAGES, astGrammars, termsOf } from './languages.js';
import type { Learned, Readable, RecordSource } from './record-source.js';
import { mayHoldRoutes, resolveRoutes, type Route, type RouteParts } from './routes/routes.js';
import type { BlobView, Query } from './search/query.js';
import { mayHoldTables } from './sql/may-hold-tables.js';

export interface CollectorConfig {
  readonly maxFileBytes: number;
  readonly skip: boolean;
}

/** A file, and what is asked of it. */
type Asked = readonly [file: TreeFile, sight: Sight];

/** One commit's answer to one query. */
export class Collection {
  private readonly query: Query;

  constructor(
    private readonly records: RecordSource,
    private readonly config: CollectorConfig,
    private readonly known: KnownQuery,
    private readonly source: BlobSource,
    private readonly tree: Folder<TreeFile>,
  ) {
    this.query = known.query;
  }

  async run(commit: string, alsoRead: readonly string[]): Promise<CommitFacts> {
    const { known, tree, query } = this;
    const extra = this.beyond(alsoRead);
    const files = known.unanswered(tree).map((file): Asked => [file, known.sight(file)]);
    await this.study([...files, ...extra], this.config.skip, maybeCut(extra));
    await this.findWitnesses();
    const whole = known.answerOf(tree);
    const answers = new Map(extra.map(([file, sight]) => [file.path, known.answer(file, sight)]));
    if (query.asksRoutes) this.addRoutes(whole.files, new Map(extra), answers);
    return {
      commit,
      kinds: TERM_KINDS,
      astLanguages: this.astLanguages(),
      astProblems: known.astProblems,
      files: whole.files.with(answers),
    };
  }

  /** What a `forbid` must see whatever the scopes. */
  private beyond(paths: readonly string[]): Asked[] {
    const { forbidden, forbiddenAst, asksTables } = this.query;
    if (forbidden.length === 0 && !forbiddenAst && !asksTables) return [];
    return [...new Set(paths)].flatMap((path): Asked[] => {
      const file = this.tree.at(path);
      return file === undefined ? [] : [[file, this.known.beyond(file)]];
    });
  }

  /**
   * Learns what is not known yet of the files that are asked for.
   *
   * @param cut see `maybeCut`
   */
  private async study(
    files: readonly Asked[],
    skip: boolean,
    cut: ReadonlySet<string> = NO_BLOBS,
  ): Promise<void> {
    const { known, query } = this;
    const wanted = new Map<string, Readable>();
    for (const [file, { reader, kinds, ast }] of files) {
      if (reader === null || kinds.length + ast.length === 0 || file.size > this.config.maxFileBytes)
        continue;
      const view = known.view(reader, file.blob);
      const again = !skip || (cut.has(file.blob) && view?.tablesExcluded !== true);
      if (view !== undefined && !(view.skipped && again)) continue;
      wanted.set(`${reader} ${file.blob}`, { blob: file.blob, size: file.size, reader });
    }
    await this.records.study([...wanted.values()], {
      source: this.source,
      ast: query.ast,
      part: 'whole',
      worth: (content, file) =>
        !skip || this.isWorth(content, file) || (cut.has(file.blob) && holdsSql(content, file)),
      mayHoldTables: (content, file) => query.asksTables && holdsSql(content, file),
      learn: (file, learned) => known.remember(file.reader, file.blob, this.viewOf(file, learned)),
    });
  }

  private isWorth(content: Buffer, { reader }: Readable): boolean {
    if (this.query.search.mayHold(content, reader)) return true;
    return (
      this.query.asksRoutes && reader !== 'sql' && mayHoldRoutes(readSource(content, reader).text, reader)
    );
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

  /** Routes are told by several files together: those of the whole commit are put together anew. */
  private addRoutes(
    files: Folder<FileFacts>,
    extra: ReadonlyMap<TreeFile, Sight>,
    answers: Map<string, FileFacts>,
  ): void {
    const parts = new Map<string, RouteParts>();
    for (const file of this.known.answerOf(this.tree).routed) {
      const known = this.known.partsOf(file);
      if (known !== undefined) parts.set(file.path, known);
    }
    for (const [path, routes] of resolveRoutes(parts)) {
      const file = this.tree.at(path);
      const answer = answers.get(path) ?? files.at(path);
      if (file === undefined || answer === undefined || routes.length === 0) continue;
      answers.set(path, this.withRoutes(answer, extra.get(file) ?? this.known.sight(file), routes));
    }
  }

  private withRoutes(answer: FileFacts, { kinds }: Sight, routes: readonly Route[]): FileFacts {
    const asked = kinds.includes('api_routes') && answer.unread === undefined;
    const { sourced } = answer;
    return {
      ...answer,
      facts: asked ? { ...answer.facts, api_routes: this.query.routes(routes) } : answer.facts,
      ...(sourced && { sourced: [...sourced, ...this.query.sourcedRoutes(routes)] }),
    };
  }

  /**
   * Where a rule's scope holds no fact of a kind among what was parsed, files that were skipped are parsed until one
   * has some: an empty scope proves nothing, so nobody may take a skipped file for an empty one.
   */
  private async findWitnesses(): Promise<void> {
    const { witnessed, open } = this.known.answerOf(this.tree);
    const missing = open & ~witnessed;
    if (missing === 0n) return;
    let found = 0n;
    for (const bit of bitsOf(missing)) if ((found & bit) === 0n) found |= await this.findWitness(bit);
    this.known.forgetAnswers();
  }

  /** @returns all that the files that were parsed for it are witnesses of */
  private async findWitness(bit: bigint): Promise<bigint> {
    const { known } = this;
    const open = known.openFiles(this.tree, bit).map((file): Asked => [file, known.sight(file)]);
    let found = 0n;
    // One is nearly always enough; where none has any, all have to be parsed.
    for (let at = 0, count = 1; at < open.length && (found & bit) === 0n; at += count, count *= 4) {
      const some = open.slice(at, at + count);
      await this.study(some, false);
      for (const [file, sight] of some) found |= known.witnessed(sight, known.answer(file, sight));
    }
    return found;
  }

  /** As ast-grep names them, and as this spec does. */
  private astLanguages(): string[] {
    const written = this.query.ast.map((term) => term.language).filter((name) => astGrammars(name) !== null);
    return [...new Set([...AST_LANGUAGES, ...written])];
  }
}

const NO_BLOBS: ReadonlySet<string> = new Set();

/** Blobs of changed files that are asked for tables: what was cut there may have no word left that tells what it was. */
function maybeCut(changed: readonly Asked[]): ReadonlySet<string> {
  return new Set(changed.flatMap(([{ blob }, { kinds }]) => (kinds.includes('sql_tables') ? [blob] : [])));
}

function holdsSql(content: Buffer, { reader }: Readable): boolean {
  return mayHoldTables(readSource(content, reader).text, reader);
}

/** Each bit alone, the lowest first. */
function bitsOf(bits: bigint): bigint[] {
  const found: bigint[] = [];
  for (let left = bits; left !== 0n; left &= left - 1n) found.push(left & -left);
  return found;
}
