import { parseArgs } from 'node:util';
import { BACKENDS, type BackendName } from '../queues.js';

export const USAGE = `Usage: npm run test:chaos -- [option …]
  --runs N           how many runs; 20
  --seed S           the seed of the first; the next ones count on; 1
  --backend NAME     where the queues are: ${BACKENDS.join(' or ')}; ${BACKENDS[0]}
  --wave N           runs side by side on one stack, whose faults hit all of them; 10
  --shrink SECONDS   how long to look for a smaller failure; 120
  --schedule FILE    runs what is in the file instead, as one wave`;

export interface ChaosOptions {
  readonly runs: number;
  readonly seed: number;
  readonly backend: BackendName;
  readonly wave: number;
  readonly shrinkMs: number;
  readonly schedule: string | undefined;
}

/** @throws Error with the usage */
export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      backend: { type: 'string', default: BACKENDS[0] },
      wave: { type: 'string', default: '10' },
      shrink: { type: 'string', default: '120' },
      schedule: { type: 'string' },
    },
  });
  const number = (name: 'runs' | 'seed' | 'wave' | 'shrink', least: number): number => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= least) return value;
    throw new Error(`--${name} ${values[name]} is no whole number from ${least} on.\n${USAGE}`);
  };
  const backend = BACKENDS.find((name) => name === values.backend);
  if (backend === undefined) throw new Error(`There is no backend ${values.backend}.\n${USAGE}`);
  return {
    runs: number('runs', 1),
    seed: number('seed', 1),
    wave: number('wave', 1),
    shrinkMs: number('shrink', 0) * 1_000,
    schedule: values.schedule,
    backend,
  };
}
