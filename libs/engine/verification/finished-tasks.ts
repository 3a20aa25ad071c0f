import { parseSpec } from '#contracts/spec/parse-spec.js';
import { listContracts, type Contract } from '#domain/plan/contracts.js';
import type { Spec } from '#domain/spec/spec.js';
import type { FinishedWork } from '../ports/store.port.js';

/** Every contract of a plan, from what is stored of its finished tasks. */
export function contractsOf({ tasks, waivers }: FinishedWork): Contract[] {
  return listContracts(
    tasks.map(({ specYaml, ...task }) => ({ ...task, spec: specYaml === null ? null : readSpec(specYaml) })),
    waivers,
  );
}

const KEPT = 2_000;
/** Every verification of a plan reads the specs of all its finished tasks; the least recently used go first. */
const parsed = new Map<string, Spec | null>();

function readSpec(yaml: string): Spec | null {
  const known = parsed.get(yaml);
  const spec = known === undefined ? parse(yaml) : known;
  parsed.delete(yaml);
  parsed.set(yaml, spec);
  for (const oldest of parsed.keys()) {
    if (parsed.size <= KEPT) break;
    parsed.delete(oldest);
  }
  return spec;
}

function parse(yaml: string): Spec | null {
  const read = parseSpec(yaml);
  return read.ok ? read.spec : null;
}
