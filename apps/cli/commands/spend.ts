import { ApiClient } from '../api/client.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
import { numberArgument } from '../number-argument.js';
import { print, printJson, printTable, say } from '../output/output.js';
import { usageWords, usd } from '../render/cost.js';
import { renderEstimate } from '../render/estimate.js';
import { wantsJson, type FormatOptions } from './plans.js';

export interface BudgetOptions extends FormatOptions {
  readonly budget?: string;
  readonly attemptBudget?: string;
}

/** Says what the calls of models of a plan, and of each of its attempts, may cost. */
export async function updatePlan(reference: string, options: BudgetOptions): Promise<ExitCode> {
  const plan = amountArgument('--budget', options.budget);
  const attempt = amountArgument('--attempt-budget', options.attemptBudget);
  if (plan === undefined && attempt === undefined)
    throw new CliError(EXIT.usage, 'Nothing to change.', 'planwright update-plan --help');
  const budget = { ...(plan === undefined ? {} : { plan }), ...(attempt === undefined ? {} : { attempt }) };
  const changed = await new ApiClient(findApi()).updatePlan(reference, { budget });
  if (wantsJson(options)) printJson('plan', changed);
  else {
    const { number, status, pauseReason } = changed;
    const waits = status === 'paused' && pauseReason === 'budget';
    say(`The budget of plan ${number} is changed. Next: planwright ${waits ? 'resume' : 'show'} ${number}`);
  }
  return EXIT.ok;
}

/** What calls of models cost: per day, and in all. */
export async function spend(options: FormatOptions & { readonly days: string }): Promise<ExitCode> {
  const found = await new ApiClient(findApi()).spend(String(numberArgument('--days', options.days)));
  if (wantsJson(options)) {
    printJson('spend', found);
    return EXIT.ok;
  }
  const { days, total, dayBudget } = found;
  const rows = days.map(({ day, ...cost }) => [day, usd(cost.usd), usageWords(cost)]);
  printTable([...rows, ['in all', usd(total.usd), usageWords(total)]]);
  if (dayBudget !== null) print(`A day may cost ${usd(dayBudget)}: PLANWRIGHT_BUDGET_DAY.`);
  return EXIT.ok;
}

/** What the tasks of a plan may cost from now on. */
export async function estimate(reference: string, options: FormatOptions): Promise<ExitCode> {
  const client = new ApiClient(findApi());
  const found = await client.estimate(reference);
  if (wantsJson(options)) printJson('estimate', found);
  else for (const line of renderEstimate(found, ({ number, title }) => `${number}  ${title}`)) print(line);
  return EXIT.ok;
}

/** USD; null: no limit of the plan's own. @throws CliError `usage` */
function amountArgument(option: string, text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === 'none') return null;
  if (/^\d{1,7}(\.\d{1,6})?$/.test(text)) return Number(text);
  throw new CliError(EXIT.usage, `${option} ${text} is no amount in USD, such as 5.00, and not none.`);
}
