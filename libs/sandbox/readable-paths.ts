import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { DomainError } from '#domain/domain-error.js';

/** Folders that are shown whole: programs and their libraries, the same for every user of the machine. */
export const SYSTEM_FOLDERS = ['/usr', '/opt', '/nix/store', '/gnu/store'];

/** True if `path` is `folder` or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Folders of people: none is shown, and nothing that holds one. */
export function homeFolders(): string[] {
  const listed = existsSync('/home') ? readdirSync('/home').map((name) => join('/home', name)) : [];
  return [...new Set(['/root', ...ownHome(), ...listed])].filter((folder) => folder !== '/');
}

/** A user whom the machine does not know, as in many containers, has none unless HOME says so. */
function ownHome(): string[] {
  try {
    return [homedir()];
  } catch {
    return [];
  }
}

/**
 * The folders of a search path that are not shown already. Each is shown itself, nothing beside it; of a Node
 * installation its `lib/node_modules` too, since npm's programs are links to there. Left out: what holds a home folder
 * or lies in, or holds, something private.
 */
export function searchPathFolders(path: string, secret: readonly string[]): string[] {
  const found = new Set<string>();
  for (const folder of path.split(':')) {
    if (!isAbsolute(folder) || !existsSync(folder)) continue;
    for (const wanted of [folder, ...nodeInstallation(folder)]) {
      if (!isShownAlready(wanted) && mayBeShown(wanted, secret)) found.add(wanted);
    }
  }
  return [...found];
}

/**
 * Further paths that a person lists, separated by colons.
 *
 * @throws DomainError where one does not exist, or would show a home folder or Planwright's own data
 */
export function listedPaths(list: string, secret: readonly string[]): string[] {
  const paths = list.split(':').filter((path) => path !== '');
  for (const path of paths) {
    if (isAbsolute(path) && existsSync(path) && mayBeShown(path, secret)) continue;
    throw new DomainError('invalid', `PLANWRIGHT_SANDBOX_READABLE names ${path}, which cannot be shown.`, {
      remedy:
        'List absolute paths that exist; a whole home folder, what holds one, and the data folder are refused.',
    });
  }
  return paths;
}

/** Those of the paths that exist, are not shown already and may be: no home folder, nothing private. */
export function showable(paths: readonly string[], secret: readonly string[]): string[] {
  return paths.filter((path) => existsSync(path) && !isShownAlready(path) && mayBeShown(path, secret));
}

/** A home folder below one of the system's folders is covered there. */
function isShownAlready(path: string): boolean {
  const within = (folder: string) => isWithin(path, folder);
  return SYSTEM_FOLDERS.some(within) && !homeFolders().some(within);
}

function nodeInstallation(folder: string): string[] {
  const node = join(folder, 'node');
  if (!existsSync(node)) return [];
  const bin = dirname(realpathSync(node));
  return [bin, join(dirname(bin), 'lib/node_modules')].filter((path) => existsSync(path));
}

function mayBeShown(path: string, secret: readonly string[]): boolean {
  const real = realpathSync(path);
  const standard = ['/tmp', '/proc', '/dev', '/sys', '/run', '/etc', '/var'];
  if (real === '/' || standard.includes(real)) return false;
  if (secret.some((private_) => isWithin(real, private_) || isWithin(private_, real))) return false;
  return !homeFolders().some((home) => isWithin(home, real));
}
