import type { ContractView } from '#contracts/api/contracts.js';
import { ApiClient } from '../api/client.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
import { colours, printJson, printTable, say } from '../output/output.js';
import { wantsJson, type FormatOptions } from './plans.js';

/** What finished tasks of a plan proved, and what became of it. */
export async function listContracts(plan: string, options: FormatOptions): Promise<ExitCode> {
  const { items } = await new ApiClient(findApi()).contracts(plan);
  if (wantsJson(options)) printJson('contracts', items);
  else if (items.length === 0) say(`No task of plan ${plan} has proved anything yet.`);
  else printContracts(items);
  return EXIT.ok;
}

/** One line each. */
export function printContracts(contracts: readonly ContractView[]): void {
  const head = ['contract', 'kind', 'state', 'since', 'task'].map(colours.dim);
  printTable([
    head,
    ...contracts.map((each) => [
      each.name,
      each.kind,
      stateOf(each),
      each.commit?.slice(0, 12) ?? each.since.slice(0, 16),
      each.title,
    ]),
  ]);
}

function stateOf({ state, supersededBy, waived }: ContractView): string {
  if (waived !== null) return `waived by ${waived.actor}: ${waived.note}`;
  return supersededBy === null ? state : `superseded by task ${supersededBy}`;
}

/** Lets later tasks break what a finished one proved. */
export async function waive(
  plan: string,
  contract: string,
  options: FormatOptions & { readonly note: string },
): Promise<ExitCode> {
  const { items } = await new ApiClient(findApi()).waive(plan, { contract, note: options.note });
  if (wantsJson(options)) printJson('contracts', items);
  else say(`The contract ${contract} of plan ${plan} binds nobody any more. Next: planwright show ${plan}`);
  return EXIT.ok;
}
