import { rankPatterns, whyNotLike, type PatternKind } from '#domain/patterns/rank.js';
import type { DeclarationsPort, SourceDeclaration } from '../../ports/declarations.port.js';
import type { BlobSource } from '../../ports/git.port.js';
import { RANK, type Piece } from './piece.js';
import { namesOf, shared, wordsOf } from './words.js';

const MAX_PER_FILE = 12;
const MAX_SIGNATURE = 160;
const ROUTES_PER_PIECE = 25;
const PATTERNS_PER_NAME = 3;
const MAX_PATTERNS = 12;
const SNIPPETS = 4;
const SNIPPET_LINES = 30;

interface Declared {
  readonly routes: readonly SourceDeclaration[];
  readonly functions: readonly SourceDeclaration[];
  readonly components: readonly SourceDeclaration[];
}

/** Routes, symbols, and what of these is like that which is asked for. */
export async function declaredPieces(
  declarations: DeclarationsPort,
  at: { readonly source: BlobSource; readonly commit: string },
  wanted: { readonly title: string; readonly description: string },
): Promise<Piece[]> {
  const of = async (kind: PatternKind): Promise<readonly SourceDeclaration[]> =>
    [...(await declarations.declarations({ ...at, kind }))].sort(byPlace);
  const declared: Declared = {
    routes: await of('api_route'),
    functions: await of('function'),
    components: await of('component'),
  };
  const words = wordsOf(`${wanted.title} ${wanted.description}`);
  return [
    ...routePieces(declared.routes),
    ...symbolPieces([...declared.functions, ...declared.components], words),
    ...(await patternPieces(at.source, declared, wanted)),
  ];
}

function routePieces(routes: readonly SourceDeclaration[]): Piece[] {
  return Array.from({ length: Math.ceil(routes.length / ROUTES_PER_PIECE) }, (_, at) => ({
    section: 'routes',
    rank: at === 0 ? RANK.route : RANK.symbols + at,
    text: routes
      .slice(at * ROUTES_PER_PIECE, (at + 1) * ROUTES_PER_PIECE)
      .map(({ name, file, startLine }) => `${name} (${file}:${startLine})`)
      .join('\n'),
  }));
}

function symbolPieces(symbols: readonly SourceDeclaration[], words: readonly string[]): Piece[] {
  const files = new Map<string, SourceDeclaration[]>();
  for (const symbol of symbols) files.set(symbol.file, [...(files.get(symbol.file) ?? []), symbol]);
  return [...files].map(([file, own]) => {
    const names = [...new Set(own.map(shownOf))];
    const more = names.length > MAX_PER_FILE ? `; and ${names.length - MAX_PER_FILE} more` : '';
    const near = shared(words, `${file} ${own.map(({ name }) => name).join(' ')}`);
    return {
      section: 'symbols',
      rank: near > 0 ? RANK.near + 1 / (1 + near) : RANK.symbols,
      text: `${file}: ${names.slice(0, MAX_PER_FILE).join('; ')}${more}`,
    };
  });
}

async function patternPieces(
  source: BlobSource,
  declared: Declared,
  { title, description }: { readonly title: string; readonly description: string },
): Promise<Piece[]> {
  const { routes, names } = namesOf(title, description);
  const like = (kind: PatternKind, wanted: string, among: readonly SourceDeclaration[]) =>
    whyNotLike(kind, wanted) === null ? rankPatterns({ kind, like: wanted }, among, PATTERNS_PER_NAME) : [];
  const ranked = [
    ...routes.flatMap((route) => like('api_route', route, declared.routes)),
    ...names.flatMap((name) => [
      ...like('function', name, declared.functions),
      ...like('component', name, declared.components),
    ]),
  ].sort((a, b) => b.score - a.score || byPlace(a.declaration, b.declaration));
  const best = [
    ...new Map(ranked.map(({ declaration }) => [placeOf(declaration), declaration])).values(),
  ].slice(0, MAX_PATTERNS);
  const contents = await source.read(best.slice(0, SNIPPETS).map(({ blob }) => blob));
  return best.map((declaration, at) => ({
    section: 'patterns',
    rank: RANK.pattern + at / MAX_PATTERNS,
    text: patternText(declaration, contents[at]?.toString('utf8')),
  }));
}

function patternText(declaration: SourceDeclaration, content: string | undefined): string {
  const head = `${placeOf(declaration)}: ${shownOf(declaration)}`;
  if (content === undefined) return head;
  const { startLine, endLine } = declaration;
  const lines = content.split(/\r?\n/).slice(startLine - 1, Math.min(endLine, startLine - 1 + SNIPPET_LINES));
  return [head, ...lines.map((line) => `    ${line.slice(0, MAX_SIGNATURE)}`)].join('\n');
}

function shownOf({ name, signature }: SourceDeclaration): string {
  return (signature === '' ? name : signature).slice(0, MAX_SIGNATURE);
}

function placeOf({ file, startLine }: SourceDeclaration): string {
  return `${file}:${startLine}`;
}

function byPlace(a: SourceDeclaration, b: SourceDeclaration): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (
    a.startLine - b.startLine || a.endLine - b.endLine || (a.name < b.name ? -1 : Number(a.name > b.name))
  );
}
