import { ApiClient } from '../api/client.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
import { printJson, say } from '../output/output.js';
import { wantsJson, type FormatOptions } from './plans.js';

/** Tells a plan of an event that its tasks may wait for. */
export async function signal(
  plan: string,
  name: string,
  options: FormatOptions & { readonly data?: string },
): Promise<ExitCode> {
  const data = options.data === undefined ? {} : { data: parseData(options.data) };
  const stored = await new ApiClient(findApi()).signal(plan, { name, ...data });
  if (wantsJson(options)) printJson('signal', stored);
  else say(`Plan ${plan} knows of ${stored.name} since ${stored.createdAt}, from ${stored.actor}.`);
  return EXIT.ok;
}

function parseData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(
      EXIT.usage,
      `--data is no JSON: ${(error as Error).message}`,
      `planwright signal PLAN NAME --data '{"version": "1.2"}'`,
    );
  }
}
