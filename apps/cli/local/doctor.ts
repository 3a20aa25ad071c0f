import { statfs } from 'node:fs/promises';
import { homeAt, homePath, homeExists } from '#platform/home/home.js';
import { currentOwner } from '#platform/home/instance-lock.js';
import { findInstalled } from '#platform/postgres/postgres-binaries.js';
import { notifyProblem } from '#platform/notify/notify-command.js';
import { gitVersion } from '#git/git-version.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { colours, print, printJson } from '../output/output.js';
import { PACKAGE_ROOT } from './installation.js';

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
  /** The command or step that mends it. */
  readonly remedy?: string;
}

const MIN_FREE_GB = 1;

/** Looks at what Planwright needs on this machine. Changes nothing. */
export async function doctor(options: { readonly json?: boolean }): Promise<ExitCode> {
  const findings = [node(), await git(), await postgres(), await disk(), await notify(), await stack()];
  if (options.json === true) printJson('doctor', findings);
  else {
    for (const { check, ok, found, remedy } of findings) {
      print(`${ok ? colours.green('✔') : colours.red('✖')} ${check.padEnd(10)} ${found}`);
      if (!ok && remedy !== undefined) print(`    ${remedy}`);
    }
  }
  return findings.every((finding) => finding.ok) ? EXIT.ok : EXIT.failed;
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return {
    check: 'node',
    ok,
    found: process.versions.node,
    remedy: 'Install Node 20.19 or newer: https://nodejs.org',
  };
}

async function git(): Promise<Finding> {
  const remedy = 'Install git 2.38 or newer: https://git-scm.com';
  const found = await gitVersion(process.env['PATH'] ?? '');
  if (found === null) return { check: 'git', ok: false, found: 'not found', remedy };
  const [major = 0, minor = 0] = found.split('.').map(Number);
  return { check: 'git', ok: major > 2 || (major === 2 && minor >= 38), found, remedy };
}

async function postgres(): Promise<Finding> {
  if (process.env['DATABASE_URL'] !== undefined)
    return { check: 'postgres', ok: true, found: 'your own (DATABASE_URL)' };
  try {
    const { version } = await findInstalled();
    return { check: 'postgres', ok: true, found: `embedded ${version}` };
  } catch (error) {
    return {
      check: 'postgres',
      ok: false,
      found: (error as Error).message,
      remedy: 'npm ci --include=optional',
    };
  }
}

async function disk(): Promise<Finding> {
  const root = homePath(PACKAGE_ROOT);
  const place = (await homeExists(root)) ? root : PACKAGE_ROOT;
  const { bavail, bsize } = await statfs(place);
  const free = (bavail * bsize) / 2 ** 30;
  return {
    check: 'disk',
    ok: free >= MIN_FREE_GB,
    found: `${free.toFixed(1)} GB free at ${place}`,
    remedy: 'Free some space, or set PLANWRIGHT_HOME to a larger disk.',
  };
}

async function notify(): Promise<Finding> {
  const check = 'notify';
  const command = (process.env['PLANWRIGHT_NOTIFY'] ?? '').trim();
  if (command === '') return { check, ok: true, found: 'nobody is told (PLANWRIGHT_NOTIFY is not set)' };
  const problem = await notifyProblem(command, process.env['PATH'] ?? '');
  return {
    check,
    ok: problem === null,
    found: problem ?? command,
    remedy:
      'Set PLANWRIGHT_NOTIFY to a program that can be executed, with its arguments: docs/operations.md.',
  };
}

async function stack(): Promise<Finding> {
  const home = homeAt(homePath(PACKAGE_ROOT));
  const owner = (await homeExists(home.root)) ? await currentOwner(home) : undefined;
  return {
    check: 'stack',
    ok: true,
    found: owner === undefined ? 'not running (planwright up)' : (owner.url ?? 'starting'),
  };
}
