import { ApiClient } from '../api/client.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { given } from '../given.js';
import { jsonArgument } from '../json-argument.js';
import { findApi } from '../local/installation.js';
import { printJson, say } from '../output/output.js';
import { wantsJson, type FormatOptions } from './plans.js';

const EXAMPLE = `planwright signal PLAN NAME --data '{"version": "1.2"}'`;

/** Tells a plan of an event that its tasks may wait for. */
export async function signal(
  plan: string,
  name: string,
  options: FormatOptions & { readonly data?: string },
): Promise<ExitCode> {
  const data = jsonArgument('--data', options.data, EXAMPLE);
  const stored = await new ApiClient(findApi()).signal(plan, given({ name, data }));
  if (wantsJson(options)) printJson('signal', stored);
  else say(`Plan ${plan} knows of ${stored.name} since ${stored.createdAt}, from ${stored.actor}.`);
  return EXIT.ok;
}
