import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';

interface FileTask {
  spec?: unknown;
}

/**
 * Reads a plan file and puts the specs that it names by path into it, so that the API gets one whole document.
 * A spec of one line is a path, relative to the plan file.
 *
 * @throws Error naming the file that cannot be read
 */
export async function readPlanFile(file: string): Promise<unknown> {
  const plan: unknown = parse(await readText(file, 'plan file'));
  for (const task of tasksOf(plan)) {
    if (typeof task.spec !== 'string' || task.spec.includes('\n')) continue;
    task.spec = await readText(path.resolve(path.dirname(file), task.spec), 'spec');
  }
  return plan;
}

function tasksOf(plan: unknown): FileTask[] {
  const phases = (plan as { phases?: unknown } | null)?.phases;
  if (!Array.isArray(phases)) return [];
  return phases.flatMap((phase: { tasks?: unknown } | null) =>
    Array.isArray(phase?.tasks) ? (phase.tasks as FileTask[]) : [],
  );
}

async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`The ${what} ${file} cannot be read: ${(error as Error).message}`);
  }
}
