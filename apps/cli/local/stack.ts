import { createHome, homePath, type Home } from '#platform/home/home.js';
import { installToken } from '#platform/home/token.js';
import type { StackEvent } from '#platform/supervisor/stack-event.js';
import {
  startStack,
  StackAlreadyRunningError,
  type ServiceSpec,
  type Stack,
} from '#platform/supervisor/supervisor.js';
import { CliError, EXIT } from '../exit-codes.js';
import { PACKAGE_ROOT } from './installation.js';
import { machineSandbox, sandboxLine } from './machine-sandbox.js';

const SERVICES: readonly ServiceSpec[] = ['api', 'executor-worker', 'verifier-worker'].map((name) => ({
  name,
  entry: `dist/apps/${name}/main.js`,
}));

export interface RunningStack {
  readonly home: Home;
  readonly url: string;
  readonly token: string;
  /** Null when somebody else runs it. */
  readonly own: Stack | null;
}

/** Brings up the whole stack of this machine's data folder, or uses the one that runs already. */
export async function openStack(options: {
  readonly log: (line: string) => void;
  readonly stop: AbortSignal;
  readonly hurry: AbortSignal;
}): Promise<RunningStack> {
  await checkSandbox(options.log);
  const home = await createHome(homePath(PACKAGE_ROOT));
  const token = await installToken(home);
  try {
    const own = await startStack({
      home,
      packageRoot: PACKAGE_ROOT,
      services: SERVICES,
      api: { service: 'api' },
      onEvent: (event) => report(event, options.log),
      ...(process.env['DATABASE_URL'] === undefined ? {} : { databaseUrl: process.env['DATABASE_URL'] }),
      ...options,
    });
    if (own.url === undefined) throw new Error('The API did not say where it answers.');
    return { home, token, url: own.url, own };
  } catch (error) {
    if (!(error instanceof StackAlreadyRunningError) || error.owner.url === undefined) throw error;
    return { home, token, url: error.owner.url, own: null };
  }
}

/** Says aloud that nothing will hold untrusted processes; refuses to start where somebody insists on a sandbox. */
async function checkSandbox(log: (line: string) => void): Promise<void> {
  const state = await machineSandbox();
  if (state.isolation !== 'off') return;
  if (state.mode === 'required')
    throw new CliError(
      EXIT.failed,
      `PLANWRIGHT_SANDBOX=required, and there is no sandbox. ${state.why}`,
      state.remedy ?? undefined,
    );
  log(`Warning: sandbox ${sandboxLine(state)}`);
}

/** What a person should know while it runs: only what goes wrong. */
function report(event: StackEvent, log: (line: string) => void): void {
  if (event.type === 'service-exited' && !event.expected)
    log(`${event.name} ended (${event.signal ?? event.code}); starting it again`);
  if (event.type === 'postgres-exited')
    log(`Postgres ended (${event.signal ?? event.code}); starting it again`);
  if (event.type === 'failure') log(`${event.what}: ${event.error.message}`);
}
