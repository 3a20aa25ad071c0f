import { SCOPE_RULE } from '../spec/spec.js';
import type { Violation } from '../spec/verdict.js';
import type { WriteGuard } from '../spec/write-guard.js';
import { touchedPaths, withinScope, type TouchedPath } from '../spec/write-scope.js';
import type { WriteLimits } from './profile.js';

/** A file that a candidate adds, changes or removes. */
export interface ScopedFile extends TouchedPath {
  readonly addedLines: number;
  readonly removedLines: number;
}

/** Answers why a file may not be written; null: it may. */
export function profileGuard({ writes, forbids }: WriteLimits): WriteGuard {
  const isForbidden = withinScope(forbids);
  const isWithin = withinScope(writes);
  return (path) => {
    if (isForbidden(path)) return 'the profile forbids it';
    if (writes.length > 0 && !isWithin(path)) return `the profile may write ${writes.join(', ')} only`;
    return null;
  };
}

/** What of a candidate goes beyond what its profile may do. */
export function scopeViolations(limits: WriteLimits, files: readonly ScopedFile[]): Violation[] {
  const found: Violation[] = [];
  const whyNotWrite = profileGuard(limits);
  for (const path of touchedPaths(files)) {
    const why = whyNotWrite(path);
    if (why !== null) found.push(violation(why, path));
  }
  const { maxFiles, maxLines } = limits;
  if (maxFiles !== null && files.length > maxFiles)
    found.push(violation(`${files.length} files, more than the ${maxFiles} that the profile may change`));
  const lines = files.reduce((sum, { addedLines, removedLines }) => sum + addedLines + removedLines, 0);
  if (maxLines !== null && lines > maxLines)
    found.push(violation(`${lines} lines, more than the ${maxLines} that the profile may change`));
  return found;
}

function violation(message: string, file?: string): Violation {
  return { rule: SCOPE_RULE, severity: 'critical', message, ...(file === undefined ? {} : { file }) };
}
