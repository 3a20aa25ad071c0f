import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { argumentsOf, environmentOf, processesOfUser } from '../process-traces.js';
import { Faults } from './faults.js';
import { ChaosRun, type PlanRow } from './run.js';
import type { Scenario } from './scenario.js';
import { ChaosStack, type StackOptions } from './stack.js';

/** What became of one run. */
export interface RunResult {
  readonly seed: number;
  readonly status: string;
  readonly problems: readonly string[];
  readonly injected: readonly string[];
  readonly tookMs: number;
  readonly recoveryMs: number;
}

export interface WaveResult {
  readonly runs: readonly RunResult[];
  /** What is wrong with the whole stack. */
  readonly problems: readonly string[];
  /** Where everything but the database can be looked at; null: nothing went wrong, and it was removed. */
  readonly folder: string | null;
}

const LOOK_MS = 50;
/** Longer than anything that mends itself takes on a crowded machine; an outbox alone may be held for 30 s by the dead. */
const PATIENCE_MS = 120_000;

/**
 * Runs so many scenarios side by side on one stack, whose faults hit all of them, and judges what came of each.
 *
 * @param stop ends the wave early; nothing is judged then
 */
export async function runWave(
  scenarios: readonly Scenario[],
  options: StackOptions,
  stop: AbortSignal,
): Promise<WaveResult> {
  const stack = await ChaosStack.start(options);
  const problems: string[] = [];
  const runs: ChaosRun[] = [];
  try {
    const faults = new Faults(stack);
    for (const scenario of scenarios) runs.push(await ChaosRun.create(scenario, stack, faults));
    await untilOver(stack, runs, stop);
    await faults.over();
    await stack.untilUp();
    await untilSettled(stack);
    for (const run of runs) await run.judge();
  } catch (error) {
    problems.push(`the wave did not come to its end: ${(error as Error).stack}`);
  } finally {
    for (const name of await stack.stop()) problems.push(`${name} did not stop when it was asked to`);
  }
  problems.push(...leftProcesses(stack.folder), ...(await leftFolders(stack)));
  const isSound = problems.length === 0 && runs.every((run) => run.problems.size === 0);
  if (isSound || stop.aborted) await rm(stack.folder, { recursive: true, force: true });
  return { runs: runs.map(resultOf), problems, folder: isSound ? null : stack.folder };
}

function resultOf(run: ChaosRun): RunResult {
  const { scenario, status, injected, tookMs, recoveryMs } = run;
  return { seed: scenario.seed, status, problems: [...run.problems], injected, tookMs, recoveryMs };
}

async function untilOver(stack: ChaosStack, runs: readonly ChaosRun[], stop: AbortSignal): Promise<void> {
  while (runs.some(({ over }) => !over)) {
    if (stop.aborted) throw new Error('a person stopped it');
    await sleep(LOOK_MS);
    const rows = await stack.sql
      .rows<PlanRow>(`SELECT id, status, event_seq AS "eventSeq" FROM plans`)
      .catch(() => []);
    for (const row of rows) runs.find(({ planId }) => planId === row.id)?.step(row, PATIENCE_MS);
  }
}

/** Effects may still have to be carried out; what is left is the judge's to name. */
async function untilSettled({ sql }: ChaosStack): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const [row] = await sql
      .rows<{ left: number }>('SELECT count(*)::int AS left FROM outbox')
      .catch(() => []);
    if (row?.left === 0) return;
    await sleep(LOOK_MS);
  }
}

/** Whatever still knows the stack's folder. */
function leftProcesses(folder: string): string[] {
  return processesOfUser(process.getuid?.() ?? 0)
    .filter((pid) => pid !== process.pid)
    .filter(
      (pid) => argumentsOf(pid).includes(folder) || environmentOf(pid).some((line) => line.includes(folder)),
    )
    .map((pid) => `process ${pid} was left: ${argumentsOf(pid).replaceAll('\0', ' ')}`);
}

async function leftFolders(stack: ChaosStack): Promise<string[]> {
  const found: string[] = [];
  for (const workers of await stack.workerHomes()) {
    for (const worker of await readdir(workers)) {
      const left = await readdir(path.join(workers, worker, 'tmp')).catch(() => []);
      if (left.length > 0) found.push(`${worker} left ${left.length} temporary folders: ${left.join(', ')}`);
    }
  }
  return found;
}
