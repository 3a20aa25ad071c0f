import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { INSIDE, jailArguments, type Layout, type RunMounts } from './bubblewrap.js';
import { findProgram } from './find-program.js';
import type { Jail } from './jail.js';
import { runProcess } from './process-runner.js';

/** A bubblewrap that was seen to work on this machine. */
export interface Isolation {
  /** @param input what the process finds in INSIDE.input; null for no such file */
  jail(mounts: RunMounts, input: string | null): Jail;
}

export interface ProbeOutcome {
  readonly isolation: Isolation | null;
  /** What was found, as a sentence. */
  readonly why: string;
  /** The command or step that mends it; null when nothing is wrong. */
  readonly remedy: string | null;
}

const PROBE_MS = 10_000;

const INSTALLERS: readonly (readonly [program: string, command: string])[] = [
  ['apt-get', 'sudo apt-get install bubblewrap'],
  ['dnf', 'sudo dnf install bubblewrap'],
  ['pacman', 'sudo pacman -S bubblewrap'],
  ['zypper', 'sudo zypper install bubblewrap'],
  ['apk', 'sudo apk add bubblewrap'],
];

/** Finds bubblewrap and starts it once for real, with the arguments that every run has. */
export async function probeIsolation(input: {
  readonly path: string;
  readonly readable: readonly string[];
  readonly secret: readonly string[];
  readonly copies: string;
}): Promise<ProbeOutcome> {
  if (process.platform !== 'linux') {
    return {
      isolation: null,
      why: `There is no sandbox for ${process.platform} yet.`,
      remedy: 'Run Planwright on Linux, in WSL2 or in a virtual machine.',
    };
  }
  const program = findProgram('bwrap', input.path);
  if (program === null) {
    const why = `bubblewrap is not installed: there is no bwrap in ${input.path}.`;
    return { isolation: null, why, remedy: installCommand(input.path) };
  }
  let failure = '';
  for (const nestedUsersOff of [true, false]) {
    const isolation = isolationBy(program, { ...input, nestedUsersOff });
    const reason = await tryOut(isolation);
    if (reason === null) return { isolation, why: `${program} works.`, remedy: null };
    failure = reason;
  }
  return { isolation: null, why: `${program} does not work here: ${failure}`, remedy: remedyFor() };
}

function isolationBy(program: string, layout: Layout): Isolation {
  const argumentsFor = jailArguments(layout);
  return { jail: (mounts, input) => ({ program, args: argumentsFor(mounts), input }) };
}

/** @returns why it does not work; null when it does */
async function tryOut(isolation: Isolation): Promise<string | null> {
  const folder = tmpdir();
  const mounts: RunMounts = { writable: [], readable: [], network: false, cwd: INSIDE.tmp, input: false };
  const result = await runProcess({
    run: { command: 'true' },
    cwd: folder,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    timeoutMs: PROBE_MS,
    outputLimitBytes: 100_000,
    folders: [],
    jail: isolation.jail(mounts, null),
  });
  if (result.kind === 'exited' && result.exitCode === 0) return null;
  if (result.kind === 'not_started') return result.reason;
  return `${result.kind} ${result.output.trim()}`;
}

function installCommand(path: string): string {
  const found = INSTALLERS.find(([program]) => findProgram(program, `${path}:/usr/bin:/sbin:/usr/sbin`));
  return found?.[1] ?? 'Install the package bubblewrap.';
}

/** Switches of the kernel that forbid user namespaces, and how each is turned. */
function remedyFor(): string {
  if (setting('kernel/apparmor_restrict_unprivileged_userns') === '1')
    return 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (or an AppArmor profile for bwrap that allows userns; see docs/operations.md)';
  if (setting('kernel/unprivileged_userns_clone') === '0')
    return 'sudo sysctl -w kernel.unprivileged_userns_clone=1';
  if (setting('user/max_user_namespaces') === '0') return 'sudo sysctl -w user.max_user_namespaces=15000';
  return 'Let this machine or container make user namespaces and mount /proc (Docker: --security-opt seccomp=unconfined --security-opt systempaths=unconfined).';
}

function setting(name: string): string | null {
  try {
    return readFileSync(`/proc/sys/${name}`, 'latin1').trim();
  } catch {
    return null;
  }
}
