import { ApiClient } from '../api/client.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { given } from '../given.js';
import { findApi } from '../local/installation.js';
import { colours, print, printJson, printTable } from '../output/output.js';
import { analyticsTable, failureLines } from '../render/analytics.js';
import { wantsJson, type FormatOptions } from './plans.js';
import { repositoryNamed } from './repositories.js';

export interface AnalyticsOptions extends FormatOptions {
  readonly by?: string;
  readonly plan?: string;
  readonly repository?: string;
  readonly from?: string;
  readonly to?: string;
}

/** What attempts came to: cost, time, first passes, and why they were made again. */
export async function analytics(options: AnalyticsOptions): Promise<ExitCode> {
  const { by, plan, from, to } = options;
  const client = new ApiClient(findApi());
  const { repository: name } = options;
  const repository = name === undefined ? undefined : await repositoryNamed(client, name);
  const found = await client.analytics(given({ by, plan, repository: repository?.id, from, to }));
  if (wantsJson(options)) {
    printJson('analytics', found);
    return EXIT.ok;
  }
  const [head = [], ...rows] = analyticsTable(found);
  printTable([head.map(colours.dim), ...rows]);
  for (const line of failureLines(found)) print(line);
  return EXIT.ok;
}
