import type { PatternKind } from '#domain/patterns/rank.js';
import type { DeclarationsPort, SourceDeclaration } from '#engine/ports/declarations.port.js';
import type { BlobSource, TreeFile } from '#engine/ports/git.port.js';
import { ANONYMOUS } from './extract/extract-file.js';
import { readSource } from './extract/source-text.js';
import { readerOf, SYMLINK, type Reader } from './languages.js';
import type { FunctionRecord } from './record.js';
import type { Readable, RecordSource } from './record-source.js';
import { mayHoldRoutes, resolveRoutes, type Route, type RouteParts } from './routes/routes.js';

interface Known {
  readonly functions: readonly FunctionRecord[];
  readonly components: readonly FunctionRecord[];
  readonly routes: RouteParts | null;
}

interface SourceFile extends TreeFile {
  readonly reader: Reader;
}

type Request = Parameters<DeclarationsPort['declarations']>[0];

/** Bounds what is kept of the commits that were listed last. */
const MAX_KEPT = 100_000;

/** What commits declare, read from the records of their blobs. */
export class Declarations {
  private readonly kept = new Map<string, readonly SourceDeclaration[]>();

  constructor(
    private readonly records: RecordSource,
    private readonly maxFileBytes: number,
  ) {}

  async list({ source, commit, kind }: Request): Promise<readonly SourceDeclaration[]> {
    const key = `${kind} ${commit}`;
    const before = this.kept.get(key);
    if (before !== undefined) return before;
    const listed = await this.read(source, commit, kind);
    this.keep(key, listed);
    return listed;
  }

  private keep(key: string, listed: readonly SourceDeclaration[]): void {
    this.kept.set(key, listed);
    let held = [...this.kept.values()].reduce((sum, each) => sum + each.length, 0);
    for (const [oldest, each] of this.kept) {
      if (held <= MAX_KEPT) break;
      this.kept.delete(oldest);
      held -= each.length;
    }
  }

  private async read(source: BlobSource, commit: string, kind: PatternKind): Promise<SourceDeclaration[]> {
    const files = sourceFiles((await source.tree(commit)).list(), kind).filter(
      (file) => file.size <= this.maxFileBytes,
    );
    const known = await this.study(source, files, kind);
    if (kind === 'api_route') return routesOf(files, known);
    return files.flatMap((file) => {
      const found = known.get(keyOf(file));
      const declared = kind === 'component' ? found?.components : found?.functions;
      return (declared ?? [])
        .filter(({ name }) => name !== ANONYMOUS)
        .map((each) => ({ ...each, file: file.path, blob: file.blob }));
    });
  }

  private async study(
    source: BlobSource,
    files: readonly SourceFile[],
    kind: PatternKind,
  ): Promise<Map<string, Known>> {
    const known = new Map<string, Known>();
    const distinct = new Map(files.map((file): [string, Readable] => [keyOf(file), file]));
    await this.records.study([...distinct.values()], {
      source,
      ast: [],
      part: 'structure',
      mayHoldTables: () => false,
      worth: (content, { reader }) =>
        reader !== 'sql' && (kind !== 'api_route' || mayHoldRoutes(readSource(content, reader).text, reader)),
      learn: (file, learned) => {
        if (learned.kind !== 'read' || learned.record === null) return;
        const routes = learned.record.routes();
        if (kind === 'api_route' && routes === null) return;
        const { functions, components } = learned.record.structure();
        known.set(keyOf(file), { functions, components, routes });
      },
    });
    return known;
  }
}

function keyOf({ reader, blob }: Readable): string {
  return `${reader} ${blob}`;
}

/** Markup stands in files of these grammars only. */
const WITH_MARKUP: readonly Reader[] = ['Tsx', 'JavaScript'];

function sourceFiles(tree: readonly TreeFile[], kind: PatternKind): SourceFile[] {
  return tree.flatMap((file) => {
    const reader = file.mode === SYMLINK ? null : readerOf(file.path);
    if (reader === null || reader === 'sql') return [];
    if (kind === 'component' && !WITH_MARKUP.includes(reader)) return [];
    return [{ ...file, reader }];
  });
}

function routesOf(files: readonly SourceFile[], known: ReadonlyMap<string, Known>): SourceDeclaration[] {
  const parts = new Map<string, RouteParts>();
  for (const file of files) {
    const routes = known.get(keyOf(file))?.routes;
    if (routes) parts.set(file.path, routes);
  }
  const resolved = resolveRoutes(parts);
  return files.flatMap((file) => {
    const routes = resolved.get(file.path) ?? [];
    const found = known.get(keyOf(file));
    return routes.map((route, at): SourceDeclaration => {
      const next = routes.slice(at + 1).find(({ line }) => line > route.line);
      const handler = found === undefined ? null : handlerOf(route, next, found, file.reader);
      return {
        file: file.path,
        blob: file.blob,
        name: `${route.method} ${route.path}`,
        startLine: route.line,
        endLine: Math.max(route.line, handler?.endLine ?? 0),
        signature: handler?.signature ?? '',
      };
    });
  });
}

/** An inline handler begins at most this many lines below its route; one below decorators, this many. */
const INLINE_LINES = 3;
const DECORATOR_LINES = 20;

/** The function that answers a route, where it is written at the route itself. */
function handlerOf(
  route: Route,
  next: Route | undefined,
  { functions, routes }: Known,
  reader: Reader,
): FunctionRecord | null {
  const beside = functions.filter(({ startLine }) => startLine === route.line);
  const [longest] = [...beside].sort((a, b) => b.endLine - a.endLine);
  if (longest !== undefined) return longest;
  const nest = Object.values(routes?.routers ?? {}).some((router) => router.nest !== undefined);
  const decorated = reader === 'python' || reader === 'java' || nest;
  const last = Math.min(
    route.line + (decorated ? DECORATOR_LINES : INLINE_LINES),
    (next?.line ?? Number.POSITIVE_INFINITY) - 1,
  );
  const below = functions
    .filter(({ startLine }) => startLine > route.line && startLine <= last)
    .sort((a, b) => a.startLine - b.startLine);
  return below.find(({ name }) => (decorated ? name !== ANONYMOUS : name === ANONYMOUS)) ?? null;
}
