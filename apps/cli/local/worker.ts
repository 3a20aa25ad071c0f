import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { homeExists } from '#platform/home/home.js';
import { makePrivateFolder } from '#platform/home/private-files.js';
import { CliError, EXIT } from '../exit-codes.js';
import { PACKAGE_ROOT } from './installation.js';

/** Kinds of worker that run alone, and the program of each. */
export const WORKERS: Readonly<Record<string, string>> = {
  executor: 'executor-worker',
  verifier: 'verifier-worker',
};

const NEEDED: Readonly<Record<string, string>> = {
  DATABASE_URL: 'the Postgres of the installation, e.g. postgresql://planwright@db.example/planwright',
  GIT_HUB_URL: 'where its hubs are, e.g. http://planwright.example:7420/hub',
  PLANWRIGHT_HOME: 'a folder of this worker alone',
};
const TOKEN = 'what the file `worker-token` in the data folder of the API holds';
const PATIENCE_MS = 10_000;

/**
 * Becomes one worker of an installation whose API runs elsewhere: this process shares with it the database, the queue
 * and the address of the hubs. It works until SIGTERM or Ctrl-C.
 *
 * @throws CliError when the environment is not complete, or the hub does not let it in
 */
export async function worker(kind: string): Promise<void> {
  const program = WORKERS[kind];
  if (program === undefined)
    throw new CliError(EXIT.usage, `There is no worker ${kind}.`, `planwright worker executor`);
  const { home, hub, token } = await place();
  await reachHub(hub, token);
  await makePrivateFolder(home);
  await import(pathToFileURL(path.join(PACKAGE_ROOT, 'dist/apps', program, 'main.js')).href);
  // The worker ends this process when it was told to stop; whoever waits for this command must not do so before.
  await new Promise<never>(() => undefined);
}

async function place(): Promise<{ readonly home: string; readonly hub: string; readonly token: string }> {
  const {
    GIT_HUB_URL: hub = '',
    PLANWRIGHT_HOME: home = '',
    PLANWRIGHT_WORKER_TOKEN: token = '',
  } = process.env;
  const needed = /^https?:/i.test(hub) ? { ...NEEDED, PLANWRIGHT_WORKER_TOKEN: TOKEN } : NEEDED;
  const missing = Object.entries(needed).filter(([name]) => (process.env[name] ?? '') === '');
  if (missing.length > 0) {
    const lines = missing.map(([name, what]) => `  ${name}: ${what}`);
    throw new CliError(EXIT.usage, `A worker needs these variables too:\n${lines.join('\n')}`);
  }
  if (await homeExists(home))
    throw new CliError(
      EXIT.usage,
      `${home} is the data folder of a whole installation.`,
      'Set PLANWRIGHT_HOME to a folder of this worker alone.',
    );
  return { home: path.resolve(home), hub, token };
}

/** A worker that no hub lets in would fail every task it takes: it is refused before it takes one. */
async function reachHub(hub: string, token: string): Promise<void> {
  if (!/^https?:/i.test(hub)) return;
  const authorization = `Basic ${Buffer.from(`worker:${token}`).toString('base64')}`;
  const response = await fetch(`${hub.replace(/\/+$/, '')}/`, {
    headers: { authorization },
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((error: Error) => {
    const { cause } = error;
    const why = cause instanceof Error ? cause.message : error.message;
    throw new CliError(
      EXIT.notReachable,
      `No hub answers at ${hub}: ${why}.`,
      'See that GIT_HUB_URL is right.',
    );
  });
  const type = response.headers.get('content-type') ?? '';
  if (response.headers.get('www-authenticate')?.includes('Planwright hub') === true)
    throw new CliError(
      EXIT.failed,
      `The hub at ${hub} refuses the token.`,
      `Set PLANWRIGHT_WORKER_TOKEN to ${TOKEN}.`,
    );
  if (response.status === 403 && type.startsWith('application/problem+json')) {
    const { detail, remedy } = (await response.json()) as { detail: string; remedy?: string };
    throw new CliError(EXIT.failed, `The hub at ${hub} refuses this worker: ${detail}`, remedy);
  }
  await response.body?.cancel();
}
