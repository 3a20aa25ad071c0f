import { DomainError } from '../domain-error.js';
import type { AssignmentContext } from './assignment.machine.js';

/** Characters of a context as JSON: of what a request adds, and of all that is carried on. */
export const MAX_CONTEXT = 20_000;

/**
 * What the next one is told: what was carried so far, and what is new, which counts where both have a key.
 *
 * @param work whose context it is, as commands name it: `12.3` or `w4`
 * @throws DomainError `invalid` when it is more than is carried on
 */
export function handedContext(
  work: string,
  carried: AssignmentContext,
  added: AssignmentContext,
): AssignmentContext {
  const context = { ...carried, ...added };
  const length = JSON.stringify(context).length;
  if (length <= MAX_CONTEXT) return context;
  throw new DomainError(
    'invalid',
    `With what is carried on, the context of ${work} would have ${length} characters as JSON, and ${MAX_CONTEXT} are carried at most; nothing was handed over.`,
    {
      remedy: `Say less, or give a key that is carried on another value, such as null: what it was stays in \`planwright assignments ${work} --json\`.`,
      problems: [
        { path: 'context', message: `must be at most ${MAX_CONTEXT} characters with what is carried on` },
      ],
    },
  );
}
