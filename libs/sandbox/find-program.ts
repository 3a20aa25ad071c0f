import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** Where a program is: by its path, or in the folders of a search path; null when it is nowhere. */
export function findProgram(name: string, path: string): string | null {
  if (name.includes('/')) return isProgram(name) ? name : null;
  const folders = path.split(':').filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, name)).find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
