import type { z } from 'zod';
import type { Problem } from '#domain/domain-error.js';
import { issueWords } from './issue-words.js';

export type PathSegment = string | number;

/** The 1-based place of a path in the source; nothing where there is no source. */
export type Locate = (path: readonly PathSegment[]) => { readonly line?: number; readonly column?: number };

/**
 * Turns what zod found into problems, each unknown key on its own.
 *
 * @param hint what to add about an unknown key, such as `; did you mean 'mode'?`
 */
export function issuesToProblems(
  issues: readonly z.core.$ZodIssue[],
  locate: Locate = () => ({}),
  hint: (key: string, parent: readonly PathSegment[]) => string = () => '',
): Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment)));
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const full = [...path, key];
        return { path: pathText(full), message: `unknown key "${key}"${hint(key, path)}`, ...locate(full) };
      });
    }
    return [{ path: pathText(path), message: issueWords(issue), ...locate(path) }];
  });
}

/** `phases[1].tasks[0].title` */
export function pathText(path: readonly PathSegment[]): string {
  return path.reduce<string>(
    (text, segment) =>
      typeof segment === 'number' ? `${text}[${segment}]` : text === '' ? segment : `${text}.${segment}`,
    '',
  );
}
