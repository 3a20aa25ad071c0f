import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { ApiClient } from '../api/client.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
import { say } from '../output/output.js';
import { wantsJson, type FormatOptions } from './plans.js';

/** A plan as a file that creates the same plan again. */
export async function exportPlan(
  reference: string,
  options: FormatOptions & { readonly output?: string },
): Promise<ExitCode> {
  const plan = await new ApiClient(findApi()).exportPlan(reference);
  const text = wantsJson(options)
    ? `${JSON.stringify(plan, null, 2)}\n`
    : stringify(plan, { lineWidth: 100 });
  if (options.output === undefined) process.stdout.write(text);
  else {
    await writeFile(options.output, text);
    say(`Wrote ${options.output}. Next: planwright run ${options.output} --repo PATH`);
  }
  return EXIT.ok;
}
