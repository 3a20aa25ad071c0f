import { DomainError } from '#domain/domain-error.js';
import { rankPatterns, whyNotLike, type PatternKind } from '#domain/patterns/rank.js';
import type { OriginDeps } from '../deps.js';
import { baseOf } from '../commands/import-repository.js';
import type { DeclarationsPort, SourceDeclaration } from '../ports/declarations.port.js';
import type { BlobSource } from '../ports/git.port.js';

export interface AnalogousDeps {
  readonly git: OriginDeps['git'];
  readonly declarations: DeclarationsPort;
}

export interface AnalogousQuery {
  readonly repositoryId: string;
  readonly origin: string;
  readonly kind: PatternKind;
  readonly like: string;
  readonly near?: string | undefined;
  /** Branch, tag or commit; null: the origin's current branch. */
  readonly ref: string | null;
  readonly limit: number;
}

export interface AnalogousPattern {
  readonly name: string;
  readonly file: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly signature: string;
  /** Its first lines, as they are in the file. */
  readonly snippet: string;
  /** Whether the snippet is all of it. */
  readonly whole: boolean;
  readonly score: number;
}

export interface AnalogousPatterns {
  readonly commit: string;
  readonly items: readonly AnalogousPattern[];
}

const MAX_SNIPPET_LINES = 40;
const MAX_SNIPPET_LENGTH = 4_000;

/**
 * What a repository has already of the sort that is about to be written, the most alike first.
 *
 * @throws DomainError `invalid` for a ref that the origin lacks, or a `like` that names nothing
 */
export async function findAnalogous(deps: AnalogousDeps, query: AnalogousQuery): Promise<AnalogousPatterns> {
  const { repositoryId, origin, kind, like, near, ref, limit } = query;
  const wrong = whyNotLike(kind, like);
  if (wrong !== null) {
    throw new DomainError('invalid', `like "${like}": ${wrong}.`, {
      remedy: 'Say what the new one will be called.',
      problems: [{ path: 'like', message: wrong }],
    });
  }
  const { commit } = await baseOf(deps, repositoryId, { origin, base: ref, field: 'ref' });
  const source = deps.git.blobs(repositoryId);
  const items = await analogousIn(deps.declarations, { source, commit, kind, like, near, limit });
  return { commit, items };
}

/** The same in a commit that is there. `like` names something of the kind: see `whyNotLike`. */
export async function analogousIn(
  port: DeclarationsPort,
  query: Pick<AnalogousQuery, 'kind' | 'like' | 'near' | 'limit'> & {
    readonly source: BlobSource;
    readonly commit: string;
  },
): Promise<AnalogousPattern[]> {
  const { source, commit, kind, like, near, limit } = query;
  const declared = await port.declarations({ source, commit, kind });
  const wanted = { kind, like, ...(near !== undefined && { near }) };
  const ranked = rankPatterns(wanted, declared, limit);
  const contents = await source.read(ranked.map(({ declaration }) => declaration.blob));
  return ranked.map(({ declaration, score }, index) =>
    patternOf(declaration, score, contents[index]?.toString('utf8') ?? ''),
  );
}

function patternOf(declaration: SourceDeclaration, score: number, content: string): AnalogousPattern {
  const { name, file, startLine, endLine } = declaration;
  const lines = content.split('\n').slice(startLine - 1, endLine);
  const text = lines.slice(0, MAX_SNIPPET_LINES).join('\n');
  const snippet = text.slice(0, MAX_SNIPPET_LENGTH);
  const whole = lines.length <= MAX_SNIPPET_LINES && snippet === text;
  const signature =
    declaration.signature === '' ? (lines[0] ?? '').trim().slice(0, 200) : declaration.signature;
  return { name, file, startLine, endLine, signature, snippet, whole, score };
}
