import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHome } from '#platform/home/home.js';
import { installToken } from '#platform/home/token.js';
import { startStack } from '#platform/supervisor/supervisor.js';
import { post } from './api-request.js';
import { generateRepository } from './repository.js';
import { makeScratchFolder } from './scratch-folder.js';

/** The compiled file lies in dist/bench. */
export const PACKAGE_ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** The real API on a Postgres of its own, and a plan in it. */
export interface ApiStack {
  readonly url: string;
  readonly token: string;
  /** A repository with one commit. */
  readonly repository: string;
  /** Creates a plan of so many tasks that never starts. */
  createPlan(tasks: number): Promise<{ readonly id: string; readonly number: number }>;
}

/** Runs the work beside the real API, in a data folder that is removed afterwards. */
export async function withApi(work: (stack: ApiStack) => Promise<void>): Promise<void> {
  const folder = await makeScratchFolder();
  const home = await createHome(path.join(folder, 'home'));
  const token = await installToken(home);
  const repository = path.join(folder, 'repository');
  await generateRepository(repository, 10);
  const stack = await startStack({
    home,
    packageRoot: PACKAGE_ROOT,
    log: () => undefined,
    services: [{ name: 'api', entry: 'dist/apps/api/main.js' }],
    api: { service: 'api', port: 0 },
  });
  try {
    const { url } = stack;
    if (url === undefined) throw new Error('The API did not say where it answers.');
    const createPlan = (tasks: number) =>
      post<{ id: string; number: number }>({ url, token }, '/api/plans', { repository, plan: planOf(tasks) });
    await work({ url, token, repository, createPlan });
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const TASKS_PER_PHASE = 100;

function planOf(tasks: number): object {
  const phases: object[] = [];
  for (let first = 0; first < tasks; first += TASKS_PER_PHASE) {
    const count = Math.min(TASKS_PER_PHASE, tasks - first);
    phases.push({
      name: `Phase ${phases.length + 1}`,
      mode: 'parallel',
      tasks: Array.from({ length: count }, (_, index) => taskOf(first + index, index)),
    });
  }
  return { name: 'Bench', phases };
}

function taskOf(index: number, inPhase: number): object {
  return {
    key: `task-${index}`,
    title: `Task number ${index}`,
    prompt: 'Do what the benchmark asks for.',
    dependsOn: inPhase === 0 ? [] : [`task-${index - 1}`],
    executor: { command: 'true' },
  };
}
