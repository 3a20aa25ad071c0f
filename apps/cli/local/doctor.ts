import { statfs } from 'node:fs/promises';
import { homeAt, homePath, homeExists } from '#platform/home/home.js';
import { readSigningKey } from '#platform/home/signing-key.js';
import { currentOwner } from '#platform/home/instance-lock.js';
import { readModelSettings } from '#platform/config/model-settings.js';
import { readQueueSettings } from '#platform/config/queue-settings.js';
import { findRedisServer, REDIS_REMEDY } from '#platform/redis/redis-server.js';
import { readRunState } from '#platform/supervisor/run-state.js';
import { whyQueueIsSilent } from '#queue/open-queue-backend.js';
import type { QueueConfig } from '#queue/queue-backend.js';
import { findInstalled } from '#platform/postgres/postgres-binaries.js';
import { notifyProblem } from '#platform/notify/notify-command.js';
import { installedAgents } from '#agents/cli/installed.js';
import { gitVersion } from '#git/git-version.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { colours, print, printJson } from '../output/output.js';
import { PACKAGE_ROOT } from './installation.js';
import { machineSandbox } from './machine-sandbox.js';

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
  /** Works, but not as well as it should: shown with its remedy. */
  readonly warning?: boolean;
  /** The command or step that mends it. */
  readonly remedy?: string;
}

const MIN_FREE_GB = 1;
const KEY_FOUND = {
  here: 'ANTHROPIC_API_KEY is set',
  workers: 'the workers have the key (PLANWRIGHT_MODEL_KEY)',
  absent: 'no key: plans, reviews and agents of models cannot be had',
} as const;
const KEY_REMEDY = 'export ANTHROPIC_API_KEY=…, then start Planwright again';

/** Looks at what Planwright needs on this machine. Changes nothing. */
export async function doctor(options: { readonly json?: boolean }): Promise<ExitCode> {
  const findings = [
    node(),
    await git(),
    await postgres(),
    await queues(),
    await disk(),
    await sandbox(),
    models(),
    await agents(),
    await notify(),
    await signingKey(),
    await stack(),
  ];
  if (options.json === true) printJson('doctor', findings);
  else {
    for (const { check, ok, found, remedy, warning = false } of findings) {
      const mark = warning ? colours.yellow('!') : colours.green('✔');
      print(`${ok ? mark : colours.red('✖')} ${check.padEnd(10)} ${found}`);
      if ((!ok || warning) && remedy !== undefined) print(`    ${remedy}`);
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

/** Those of the stack that runs; else those that the next start would use. */
async function queues(): Promise<Finding> {
  const check = 'queues';
  const home = homeAt(homePath(PACKAGE_ROOT));
  const owner = (await homeExists(home.root)) ? await currentOwner(home) : undefined;
  const running = owner === undefined ? undefined : (await readRunState(home))?.queue;
  if (running !== undefined) return reached(running, `in ${running.backend}`);
  try {
    const { backend, redisUrl } = readQueueSettings(process.env);
    if (backend === 'postgres') return { check, ok: true, found: 'in postgres' };
    if (redisUrl !== undefined)
      return await reached({ backend, url: redisUrl }, 'in your own redis (REDIS_URL)');
    const program = await findRedisServer(process.env['PATH'] ?? '');
    if (program === undefined)
      return { check, ok: false, found: 'in redis, which is not here', remedy: REDIS_REMEDY };
    return { check, ok: true, found: `in redis, started from ${program}` };
  } catch (error) {
    return {
      check,
      ok: false,
      found: (error as Error).message,
      remedy: 'Correct QUEUE_BACKEND and REDIS_URL.',
    };
  }
}

async function reached(queue: QueueConfig, where: string): Promise<Finding> {
  const reason = await whyQueueIsSilent(queue);
  return {
    check: 'queues',
    ok: reason === null,
    found: reason === null ? `${where}, it answers` : `${where}, no answer: ${reason}`,
    remedy: queue.backend === 'redis' ? REDIS_REMEDY : 'planwright down, then planwright up',
  };
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

async function sandbox(): Promise<Finding> {
  try {
    const { mode, isolation, available, why, remedy } = await machineSandbox();
    return {
      check: 'sandbox',
      ok: available || mode !== 'required',
      warning: !available,
      found: available ? `${isolation} works (${mode})` : `off (${mode}). ${why}`,
      ...(remedy === null ? {} : { remedy }),
    };
  } catch (error) {
    return { check: 'sandbox', ok: false, found: (error as Error).message };
  }
}

/** Whether there is a key, never which. What needs no model works without. */
function models(): Finding {
  const check = 'models';
  try {
    const { key, baseUrl, models } = readModelSettings();
    const roles = Object.entries(models).map(([role, model]) => `${role} ${model}`);
    const where = baseUrl === null ? '' : ` at ${new URL(baseUrl).host}`;
    const found = `${KEY_FOUND[key]}; ${roles.join(', ')}${where}`;
    return { check, ok: true, warning: key === 'absent', found, remedy: KEY_REMEDY };
  } catch (error) {
    return { check, ok: false, found: (error as Error).message, remedy: 'Correct it: docs/operations.md.' };
  }
}

/** Those that a plan could name; none is needed. */
async function agents(): Promise<Finding> {
  const installed = await installedAgents(process.env['PATH'] ?? '');
  const list = installed.map(
    ({ name, version, program }) => `${name}${version === null ? '' : ` ${version}`} (${program})`,
  );
  const found = list.length === 0 ? 'no coding agent is installed (docs/agents.md)' : list.join(', ');
  return { check: 'agents', ok: true, found };
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

/** What others pin to know this installation's archives by. */
async function signingKey(): Promise<Finding> {
  const check = 'archives';
  try {
    const key = await readSigningKey(homeAt(homePath(PACKAGE_ROOT)));
    const found = key === undefined ? 'no key yet (the first planwright up makes it)' : `signed by ${key.id}`;
    return { check, ok: true, found };
  } catch (error) {
    const remedy = 'Bring signing-key.pem back from a backup; without it, archive with a new data folder.';
    return { check, ok: false, found: (error as Error).message, remedy };
  }
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
