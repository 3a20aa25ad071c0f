import { parseArgs } from 'node:util';

export const BACKENDS = ['postgres', 'redis'] as const;
/** Where the queues live. */
export type Backend = (typeof BACKENDS)[number];

export interface EngineOptions {
  readonly backend: Backend;
  /** Tasks between the two looks at the memory. */
  readonly tasks: number;
  /** Cases to run; all when empty. */
  readonly cases: readonly string[];
}

/** Reads what follows `engine` on the command line. @throws Error that names what is wrong */
export function readOptions(args: readonly string[]): EngineOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      backend: { type: 'string', default: 'postgres' },
      tasks: { type: 'string', default: '5000' },
    },
  });
  const backend = BACKENDS.find((known) => known === values.backend);
  if (backend === undefined) throw new Error(`--backend is ${BACKENDS.join(' or ')}, not ${values.backend}.`);
  const tasks = Number(values.tasks);
  if (!Number.isInteger(tasks) || tasks < 1) throw new Error(`--tasks is a whole number above 0.`);
  return { backend, tasks, cases: positionals };
}
