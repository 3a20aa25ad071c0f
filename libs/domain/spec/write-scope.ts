import { compileGlobs, type GlobMatcher } from './glob.js';

/** Where a task says that it writes, and which protected paths it may change: globs of its plan. */
export interface WriteScope {
  /** Empty: everywhere. */
  readonly writes: readonly string[];
  readonly mayChange: readonly string[];
}

/** A file that some work changes; `oldPath` is set for a rename. */
export interface TouchedPath {
  readonly path: string;
  readonly oldPath?: string | undefined;
}

/** Whether a path is within what globs name: a glob also stands for everything below a folder of its name. */
export function withinScope(globs: readonly string[]): GlobMatcher {
  return compileGlobs(globs.flatMap((glob) => [glob, `${glob}/**`]));
}

/** Every path that some work touches, once: of a rename, both. */
export function touchedPaths(touched: readonly TouchedPath[]): string[] {
  const paths = touched.flatMap(({ path, oldPath }) => (oldPath === undefined ? [path] : [oldPath, path]));
  return [...new Set(paths)];
}

/**
 * Files that some work touches and its task does not say that it writes.
 *
 * @param scope globs; none: the task may write anywhere
 */
export function outsideOf(scope: readonly string[], touched: readonly TouchedPath[]): string[] {
  if (scope.length === 0) return [];
  const inside = withinScope(scope);
  return touchedPaths(touched).filter((path) => !inside(path));
}
