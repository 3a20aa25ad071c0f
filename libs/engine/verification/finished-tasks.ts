import { listContracts, type Contract } from '#domain/plan/contracts.js';
import type { Spec } from '#domain/spec/spec.js';
import type { FinishedWork } from '../ports/store.port.js';
import { readSpec } from './read-spec.js';

/** Every contract of a plan, from what is stored of its finished tasks. */
export function contractsOf({ tasks, waivers }: FinishedWork): Contract[] {
  return listContracts(
    tasks.map(({ specYaml, ...task }) => ({ ...task, spec: specYaml === null ? null : specOf(specYaml) })),
    waivers,
  );
}

function specOf(yaml: string): Spec | null {
  const read = readSpec(yaml);
  return read.ok ? read.spec : null;
}
