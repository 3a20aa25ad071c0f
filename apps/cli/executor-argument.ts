import { CliError, EXIT } from './exit-codes.js';

/** @param example a whole command in which it is right */
export function executorArgument(text: string, example: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(EXIT.usage, `--executor-json is no JSON: ${(error as Error).message}`, example);
  }
}
