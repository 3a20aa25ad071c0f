import type { ContractView } from '#contracts/api/contracts.js';
import { colours, printTable } from '../output/output.js';

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
