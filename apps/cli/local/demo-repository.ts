import { cp, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { createRepository } from '#git/create-repository.js';
import { PACKAGE_ROOT } from './installation.js';

const EXAMPLE = path.join(PACKAGE_ROOT, 'examples/auth-migration');
const SCRIPTED_EXAMPLE = path.join(PACKAGE_ROOT, 'examples/sign-in-limit');

/** The plan file of the demo. */
export const DEMO_PLAN = path.join(EXAMPLE, 'plan.yaml');

/** What the demo asks a scripted model for, on the same repository, and what that model answers. */
export const SCRIPTED_DEMO = {
  request: path.join(SCRIPTED_EXAMPLE, 'request.md'),
  model: path.join(SCRIPTED_EXAMPLE, 'model.mjs'),
};

/** Copies the sample service to a new folder below `parent` and commits it there. @returns the repository's path */
export async function createDemoRepository(parent: string, pathForGit: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  const taken = (await readdir(parent)).map((name) => Number(/^harbour-(\d+)$/.exec(name)?.[1] ?? 0));
  const folder = path.join(parent, `harbour-${Math.max(0, ...taken) + 1}`);
  await cp(path.join(EXAMPLE, 'repo'), folder, { recursive: true, errorOnExist: true, force: false });
  await createRepository({
    folder,
    branch: 'main',
    subject: 'Harbour, with sessions as they have always been',
    home: parent,
    path: pathForGit,
  });
  return folder;
}
