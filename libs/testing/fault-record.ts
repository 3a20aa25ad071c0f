import { appendFileSync } from 'node:fs';
import { lostTasks, repeatedEffects, type History, type PlanEnd } from './history-checker.js';
import { BACKENDS, type BackendName } from './queues.js';

/** The backends that the crash tests run on: both, unless PLANWRIGHT_TEST_BACKEND names one. */
export const CRASH_BACKENDS: readonly BackendName[] = BACKENDS.filter((name) =>
  [undefined, '', name].includes(process.env['PLANWRIGHT_TEST_BACKEND']),
);

/** One time that a fault was tried, for the table at the end of the run. */
export interface FaultRecord {
  readonly fault: string;
  readonly backend: BackendName;
  /** When it happened, in milliseconds of this machine's clock. */
  readonly at: number;
  readonly history: History;
  readonly end?: PlanEnd;
}

/** Writes it down where the run's teardown finds it: see `crash-global-teardown.mjs`. */
export function recordFault({ fault, backend, at, history, end = 'completed' }: FaultRecord): void {
  const file = process.env['PLANWRIGHT_TEST_FAULTS'];
  if (file === undefined) throw new Error('PLANWRIGHT_TEST_FAULTS is not set: run `npm run test:crash`');
  const tasks = (sentences: readonly string[]) => sentences.filter((text) => text.startsWith('task ')).length;
  const entry = {
    fault,
    backend,
    lost: tasks(lostTasks(history, end)),
    twice: tasks(repeatedEffects(history)),
    recoveryMs: longestSilence(history, at),
  };
  appendFileSync(file, `${JSON.stringify(entry)}\n`);
}

/**
 * The longest time without an event of the plan from the fault on: nothing can have taken longer to come back. Null: the
 * plan was at its end.
 */
function longestSilence({ events }: History, at: number): number | null {
  const times = [at, ...events.map((event) => Date.parse(event.at)).filter((time) => time > at)];
  if (times.length === 1) return null;
  return Math.round(Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time))));
}
