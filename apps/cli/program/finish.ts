import type { ExitCode } from '../exit-codes.js';

/** Makes an action of something that returns its exit code. */
export function finish<A extends readonly unknown[]>(action: (...args: A) => Promise<ExitCode>) {
  return async (...args: A): Promise<void> => {
    process.exitCode = await action(...args);
  };
}
