import { redact } from '#domain/redact.js';
import type { DeclarationsPort } from '../../ports/declarations.port.js';
import type { BlobSource } from '../../ports/git.port.js';
import { declaredPieces } from './declared.js';
import { documentPieces } from './documents.js';
import { fitPieces, type Fitted } from './fit.js';
import { outlinePieces } from './outline.js';
import { RANK, type Piece } from './piece.js';
import { wordsOf } from './words.js';

/** Above this many files, declarations are not read: it would take minutes. */
const MAX_FILES_READ = 20_000;

export interface MapRequest {
  readonly commit: string;
  readonly title: string;
  readonly description: string;
  /** Tokens that the map may have. */
  readonly budget: number;
}

/**
 * A bounded view of a commit for a model that plans work on it, read from git objects, most valuable first and fitted to
 * its budget by counting; what looks like a secret is not in it. Equal commits and requests give equal maps.
 */
export async function mapRepository(
  deps: { readonly source: BlobSource; readonly declarations: DeclarationsPort },
  { commit, title, description, budget }: MapRequest,
  count: (text: string) => Promise<number>,
): Promise<Fitted> {
  const { source, declarations } = deps;
  const tree = (await source.tree(commit)).list();
  const words = wordsOf(`${title} ${description}`);
  const declared =
    tree.length > MAX_FILES_READ
      ? [TOO_LARGE]
      : await declaredPieces(declarations, { source, commit }, { title, description });
  const pieces = [...outlinePieces(tree, words), ...(await documentPieces(source, tree)), ...declared];
  const clean = pieces.map((piece) => ({ ...piece, text: redact(piece.text) }));
  return fitPieces(clean, budget, count);
}

const TOO_LARGE: Piece = {
  section: 'overview',
  rank: RANK.overview,
  text: `More than ${MAX_FILES_READ} files: routes and symbols are not listed.`,
};
