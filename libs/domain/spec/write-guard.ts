import type { GlobMatcher } from './glob.js';
import { protectedPathViolations, type ProtectedPathsInput } from './protected-paths.js';
import { withinScope, type WriteScope } from './write-scope.js';

export interface GuardInput extends Pick<ProtectedPathsInput, 'spec' | 'basePackageJson'> {
  readonly scope: WriteScope;
  /** Whether the base holds a file there. */
  readonly existed: (path: string) => boolean;
}

/** Says why a task should leave a path of its repository alone; null: nothing is known against a write there. */
export type WriteGuard = (path: string) => string | null;

/**
 * Says of a write, before it is made, what the verifier will say of it afterwards, and that it is outside of what the task
 * said. What hangs on the content of a file is not known yet: a `package.json` is judged in the end only.
 */
export function writeGuard({ spec, scope, existed, basePackageJson = null }: GuardInput): WriteGuard {
  const { writes, mayChange } = scope;
  const isInScope: GlobMatcher = writes.length === 0 ? () => true : withinScope([...writes, ...mayChange]);
  return (path) => {
    if (path.split('/').some((part) => part.toLowerCase() === '.git'))
      return 'files of git are no part of a task';
    const files = [{ path, status: existed(path) ? 'modified' : 'added' }] as const;
    const [violation] = protectedPathViolations({ spec, files, mayChange, basePackageJson });
    if (violation !== undefined) return violation.message;
    return isInScope(path) ? null : `the task says that it writes to ${writes.join(', ')} only`;
  };
}
