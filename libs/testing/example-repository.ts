import { cp } from 'node:fs/promises';
import path from 'node:path';
import { createRepository } from '#git/create-repository.js';

const EXAMPLE = path.resolve('examples/auth-migration');
/** The plan of the demo. */
export const EXAMPLE_PLAN = path.join(EXAMPLE, 'plan.yaml');

/** The repository that the demo works on, below a folder. @returns its path */
export async function exampleRepository(folder: string): Promise<string> {
  const repository = path.join(folder, 'harbour');
  await cp(path.join(EXAMPLE, 'repo'), repository, { recursive: true });
  const home = path.join(folder, 'git');
  const search = process.env['PATH'] ?? '';
  await createRepository({ folder: repository, branch: 'main', subject: 'Harbour', home, path: search });
  return repository;
}
