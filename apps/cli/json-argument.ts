import { CliError, EXIT } from './exit-codes.js';

/**
 * The value of an option that is written as JSON; undefined where it was not given.
 *
 * @param example what it looks like where it is right
 * @throws CliError `usage`
 */
export function jsonArgument(option: string, text: string | undefined, example: string): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(EXIT.usage, `${option} is no JSON: ${(error as Error).message}`, example);
  }
}

/** The same of one that has to be an object. @throws CliError `usage` */
export function objectArgument(option: string, text: string | undefined, example: string): unknown {
  const value = jsonArgument(option, text, example);
  if (value === undefined) return undefined;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new CliError(EXIT.usage, `${option} is no JSON object.`, example);
}
