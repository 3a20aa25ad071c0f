import { readFileSync } from 'node:fs';
import { CliError, EXIT } from './exit-codes.js';

/**
 * Reads the text of a plan file, and none of what it says.
 *
 * @throws CliError where it cannot be read
 */
export function readPlanText(file: string): string {
  const read = readText(file);
  if ('text' in read) return read.text;
  throw new CliError(EXIT.failed, `The plan file ${file} cannot be read: ${read.problem}`);
}

/** The text of a file, or why there is none. */
export function readText(file: string): { readonly text: string } | { readonly problem: string } {
  try {
    return { text: readFileSync(file, 'utf8') };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
