import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { EtcCopy } from './etc-copy.js';
import { INPUT_DESCRIPTOR, STATUS_DESCRIPTOR } from './jail.js';
import { isWithin, SYSTEM_FOLDERS } from './readable-paths.js';

/** What stays the same for all runs. */
export interface Layout {
  /** Shown read-only, beside the system's folders. */
  readonly readable: readonly string[];
  /** Covered by an empty folder where one of the system's folders holds them. */
  readonly secret: readonly string[];
  /** A folder that no run can write to, for copies of what is shown of `/etc`. */
  readonly copies: string;
  /** Whether this bubblewrap can keep the process from making user namespaces of its own. */
  readonly nestedUsersOff: boolean;
}

/** What a run adds. */
export interface RunMounts {
  /** Written to, at the same path as outside. */
  readonly writable: readonly string[];
  readonly readable: readonly string[];
  readonly network: boolean;
  readonly cwd: string;
  /** Whether INPUT_DESCRIPTOR holds a file for it. */
  readonly input: boolean;
}

export const INSIDE = {
  home: '/home/agent',
  tmp: '/tmp',
  /** Holds INPUT_DESCRIPTOR's content. */
  input: '/run/planwright/input.json',
} as const;

const MIB = 2 ** 20;
const SIZES = { tmp: 1_024 * MIB, home: 512 * MIB, shared: 256 * MIB };
/** `nobody`: the machine's own account without rights, known to its list of users. */
const NOBODY = 65_534;

/** Where programs and libraries are too, as links to the system's folders or as folders of their own. */
const SHORT_NAMES = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

/**
 * The arguments of bubblewrap up to the program, as a function of what a run adds. What is not named is not there:
 * namespaces and rights first, then the system's folders, then what lies in them and must be covered, then the rest.
 */
export function jailArguments(layout: Layout): (mounts: RunMounts) => string[] {
  const covered = layout.secret.filter(
    (path) => existsSync(path) && SYSTEM_FOLDERS.some((shown) => isWithin(path, shown)),
  );
  const readable = layout.readable.filter((path) => !SHORT_NAMES.includes(path));
  const etc = new EtcCopy(
    layout.copies,
    readable.filter((path) => isWithin(path, '/etc') && existsSync(path)),
  );
  const rights = [
    ...['--unshare-user', '--unshare-ipc', '--unshare-pid', '--unshare-uts', '--unshare-cgroup-try'],
    ...(layout.nestedUsersOff ? ['--disable-userns'] : []),
    ...['--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--hostname', 'sandbox'],
    ...identity(),
  ];
  const folders = [
    ...SYSTEM_FOLDERS.filter((path) => existsSync(path)).flatMap((path) => ['--ro-bind', path, path]),
    ...SHORT_NAMES.flatMap(linkOrFolder),
    // Whom root starts is nobody inside, but the kernel's settings would still take it for root.
    ...['--proc', '/proc', '--remount-ro', '/proc'],
    ...['--dev', '/dev', ...memoryFolder(SIZES.shared, '/dev/shm'), '--remount-ro', '/dev'],
    ...memoryFolder(SIZES.tmp, INSIDE.tmp),
    ...memoryFolder(SIZES.home, INSIDE.home),
    ...covered.flatMap((path) => memoryFolder(MIB, path)),
    ...readable.flatMap((path) => ['--ro-bind-try', path, path]),
  ];
  const last = [...covered, '/'].flatMap((path) => ['--remount-ro', path]);
  return (mounts) => [
    ...rights,
    ...['--ro-bind', etc.current(), '/etc'],
    ...folders,
    ...mounts.readable.flatMap((path) => ['--ro-bind', path, path]),
    ...mounts.writable.flatMap((path) => ['--bind', path, path]),
    ...(mounts.network ? [] : ['--unshare-net']),
    // Copied, not mounted: what lies in the root is read-only as the root is.
    ...(mounts.input ? ['--perms', '0444', '--file', String(INPUT_DESCRIPTOR), INSIDE.input] : []),
    ...['--json-status-fd', String(STATUS_DESCRIPTOR)],
    ...last,
    ...['--chdir', mounts.cwd, '--'],
  ];
}

/** Root outside is nobody inside; everybody else stays who they are. */
function identity(): string[] {
  const outside = process.geteuid?.() ?? NOBODY;
  const group = process.getegid?.() ?? NOBODY;
  const [uid, gid] = outside === 0 ? [NOBODY, NOBODY] : [outside, group];
  return ['--uid', String(uid), '--gid', String(gid)];
}

function memoryFolder(bytes: number, path: string): string[] {
  return ['--size', String(bytes), '--tmpfs', path];
}

function linkOrFolder(path: string): string[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  return found.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
}
