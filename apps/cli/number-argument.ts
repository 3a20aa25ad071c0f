import { CliError, EXIT } from './exit-codes.js';

/** @throws CliError `usage` for what is no whole number above zero: as JSON it would be null, which can mean something else */
export function numberArgument(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CliError(EXIT.usage, `${option} ${text} is no whole number above zero.`);
}
