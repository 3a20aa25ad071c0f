import type { PlanAudit } from '#contracts/api/audit.js';
import { ApiClient } from '../api/client.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
import { colours, print, printJson } from '../output/output.js';
import { renderAudit } from '../render/audit.js';
import { wantsJson, type FormatOptions } from './plans.js';

const CODES: { readonly [R in PlanAudit['result']]: ExitCode } = {
  reproduced: EXIT.ok,
  changed: EXIT.failed,
  tampered: EXIT.failed,
  inconclusive: EXIT.inconclusive,
};

/** Has everything that a plan claims computed again. */
export async function audit(plan: string, options: FormatOptions): Promise<ExitCode> {
  const found = await new ApiClient(findApi()).audit(plan);
  if (wantsJson(options)) printJson('audit', found);
  else for (const line of renderAudit(found, colours)) print(line);
  return CODES[found.result];
}
