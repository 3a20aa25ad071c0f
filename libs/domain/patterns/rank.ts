import { asName, asRoute, nameSimilarity, routeSimilarity } from './similarity.js';
import { shapeSimilarity, signatureShape } from './signature.js';

export const PATTERN_KINDS = ['api_route', 'function', 'component'] as const;
export type PatternKind = (typeof PATTERN_KINDS)[number];

/** Something in a repository that new work could be made like. */
export interface Declaration {
  /** Repository-relative POSIX path. */
  readonly file: string;
  /** 1-based; both lines are part of it. */
  readonly startLine: number;
  readonly endLine: number;
  /** Of a route: its method and path. */
  readonly name: string;
  /** On one line; empty where nothing is known of it. */
  readonly signature: string;
}

export interface Ranked<D extends Declaration> {
  readonly declaration: D;
  /** 0 to 1, rounded; 1: the same name, shape and folder. */
  readonly score: number;
}

/** What is looked for. */
export interface Wanted {
  readonly kind: PatternKind;
  /** Of a route `POST /api/users`; else a name, or a signature: `export async createUser(name, email)`. */
  readonly like: string;
  /** The file or folder that the new work will lie in. */
  readonly near?: string;
}

const WEIGHTS = { name: 0.8, shape: 0.1, folder: 0.1 };
/** With a name less alike nothing can be learned from it. */
const MIN_ALIKE = 0.2;
const TEST_FILE = /(?:^|\/)(?:tests?|__tests__|spec)\/|[._-](?:test|spec)\.\w+$|(?:^|\/)test_[^/]*$/;

/**
 * The declarations most like what is wanted, the best first. Equal inputs give equal answers, whatever their order;
 * the very name comes before any other. Between equals, tests come last.
 */
export function rankPatterns<D extends Declaration>(
  wanted: Wanted,
  declarations: Iterable<D>,
  limit: number,
): Ranked<D>[] {
  const scoreOf = scorer(wanted);
  const best: Ranked<D>[] = [];
  for (const declaration of declarations) {
    const score = scoreOf(declaration);
    if (score === 0) continue;
    best.push({ declaration, score });
    if (best.length >= 4 * limit + 64) keepBest(best, limit);
  }
  return keepBest(best, limit);
}

/** Whether a `like` can be looked for as this kind; null: it can. */
export function whyNotLike(kind: PatternKind, like: string): string | null {
  if (kind === 'api_route')
    return /(?:^|\s)\/\S*$/.test(like.trim()) ? null : 'a route is a method and a path: POST /api/users';
  return nameOf(like) === '' ? 'it holds no name' : null;
}

function keepBest<D extends Declaration>(ranked: Ranked<D>[], limit: number): Ranked<D>[] {
  ranked.sort(byRank);
  ranked.length = Math.min(ranked.length, limit);
  return ranked;
}

function byRank(a: Ranked<Declaration>, b: Ranked<Declaration>): number {
  const [left, right] = [a.declaration, b.declaration];
  return (
    b.score - a.score ||
    Number(TEST_FILE.test(left.file)) - Number(TEST_FILE.test(right.file)) ||
    compare(left.file, right.file) ||
    left.startLine - right.startLine ||
    left.endLine - right.endLine ||
    compare(left.name, right.name) ||
    compare(left.signature, right.signature)
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

type Scorer = (declaration: Declaration) => number;

function scorer({ kind, like, near }: Wanted): Scorer {
  const folder = near === undefined ? null : pathParts(near);
  const bySimilarity = kind === 'api_route' ? routeScorer(like) : nameScorer(like);
  return (declaration) => {
    const { name, shape } = bySimilarity(declaration);
    const parts = [
      [WEIGHTS.name, name],
      [WEIGHTS.shape, shape],
      [WEIGHTS.folder, folder === null ? null : folderSimilarity(folder, pathParts(declaration.file))],
    ] as const;
    // What is not known of either counts for the declaration: the same name must stay first.
    const score = parts.reduce((sum, [weight, value]) => sum + weight * (value ?? 1), 0);
    return name < MIN_ALIKE ? 0 : Math.round(score * 1_000) / 1_000;
  };
}

interface Similarity {
  readonly name: number;
  readonly shape: number | null;
}

function routeScorer(like: string): (declaration: Declaration) => Similarity {
  const wanted = asRoute(like);
  return ({ name }) => ({ name: routeSimilarity(wanted, asRoute(name)), shape: null });
}

function nameScorer(like: string): (declaration: Declaration) => Similarity {
  const wanted = asName(nameOf(like));
  const isSignature = like.trim() !== wanted.text;
  const shape = signatureShape(isSignature ? like.trim() : '', wanted.text);
  // A name that is written like a call says nothing of what is left out around it.
  const said = {
    parameters: shape.parameters,
    isAsync: shape.isAsync === true ? true : null,
    exported: shape.exported === true ? true : null,
  };
  return ({ name, signature }) => ({
    name: nameSimilarity(wanted, asName(name)),
    shape: isSignature ? shapeSimilarity(said, signatureShape(signature, name)) : null,
  });
}

/** The name in `export async function createUser(name, email)`, in `const UserCard =` and in `createUser`. */
function nameOf(like: string): string {
  const [head = ''] = like.split(/[(=:<]/);
  return (
    head
      .trim()
      .split(/[^\p{L}\p{N}_$.]+/u)
      .filter(Boolean)
      .at(-1) ?? ''
  );
}

function pathParts(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.at(-1)?.includes('.') === true ? parts.slice(0, -1) : parts;
}

/** How much of their way two folders share. */
function folderSimilarity(a: readonly string[], b: readonly string[]): number {
  const longer = Math.max(a.length, b.length);
  if (longer === 0) return 1;
  let shared = 0;
  while (shared < Math.min(a.length, b.length) && a[shared] === b[shared]) shared += 1;
  return shared / longer;
}
