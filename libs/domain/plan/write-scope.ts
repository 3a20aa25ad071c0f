import { compileGlobs } from '../spec/glob.js';

/** A file that some work changes; `oldPath` is set for a rename. */
export interface TouchedPath {
  readonly path: string;
  readonly oldPath?: string;
}

/**
 * Files that some work touches and its task does not say that it writes.
 *
 * @param scope globs; one also stands for everything below a folder of its name. None: the task may write anywhere
 */
export function outsideOf(scope: readonly string[], touched: readonly TouchedPath[]): string[] {
  if (scope.length === 0) return [];
  const inside = compileGlobs(scope.flatMap((glob) => [glob, `${glob}/**`]));
  const paths = touched.flatMap(({ path, oldPath }) => (oldPath === undefined ? [path] : [oldPath, path]));
  return [...new Set(paths)].filter((path) => !inside(path));
}
