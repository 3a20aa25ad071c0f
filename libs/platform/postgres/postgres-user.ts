import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** The account that runs the server; undefined ids mean: the one we run as. */
export interface PostgresUser {
  readonly name: string;
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Accounts that root may borrow, best first. Making one would change the machine, so we never do; an
 * administrator who wants the database apart from everything else adds a system user `planwright`.
 */
const CANDIDATES = ['planwright', 'postgres', '_postgres', 'nobody'];

/**
 * Chooses who runs the server. Postgres refuses root, so root runs it as the owner of the data (or of the home)
 * when that is an ordinary user, else as an unprivileged account of the system.
 * @param owned paths whose owner counts, most important first; missing ones are passed over
 */
export function choosePostgresUser(owned: string[]): PostgresUser {
  if (process.geteuid?.() !== 0) return { name: 'self', ids: undefined };
  const owners = owned.flatMap((entry) => ownerOf(entry) ?? []).map(String);
  for (const name of [...owners, ...CANDIDATES]) {
    const user = lookUp(name);
    if (user !== undefined && canBecome(user)) return user;
  }
  throw new Error(
    `Postgres must not run as root, and root cannot become any of ${CANDIDATES.join(', ')} here: ` +
      'run Planwright as an ordinary user, or set DATABASE_URL to a server of your own',
  );
}

/** True when the account can pass through every folder on the way and enter this one. */
export function canEnter(user: PostgresUser, folder: string): boolean {
  return shell(user, 'cd "$1"', folder);
}

/** True when the account can reach and run this program. */
export function canRun(user: PostgresUser, program: string): boolean {
  return shell(user, '[ -r "$1" ] && [ -x "$1" ]', program);
}

function ownerOf(entry: string): number | undefined {
  const uid = statSync(entry, { throwIfNoEntry: false })?.uid;
  return uid === 0 ? undefined : uid;
}

/** initdb looks its own account up by number, so one that has no name is of no use. */
function lookUp(name: string): PostgresUser | undefined {
  try {
    const id = (flag: string) =>
      execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const ids = { uid: Number(id('-u')), gid: Number(id('-g')) };
    return ids.uid === 0 ? undefined : { name: id('-un'), ids };
  } catch {
    return undefined;
  }
}

function canBecome(user: PostgresUser): boolean {
  return shell(user, ':', '');
}

/** Asks the operating system itself: modes, groups, ACLs and mounts all have a say. */
function shell(user: PostgresUser, script: string, argument: string): boolean {
  const options = { cwd: '/', stdio: 'ignore' as const, ...user.ids };
  return spawnSync('/bin/sh', ['-c', script, 'sh', argument], options).status === 0;
}
