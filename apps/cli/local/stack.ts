import path from 'node:path';
import { readModelSettings } from '#platform/config/model-settings.js';
import { WITHOUT_CREDENTIALS } from '#platform/config/origin-settings.js';
import { readQueueSettings } from '#platform/config/queue-settings.js';
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
import { withScriptedModel } from './scripted-model.js';

const API: ServiceSpec = { name: 'api', entry: 'dist/apps/api/main.js' };
const WORKERS: readonly ServiceSpec[] = ['executor-worker', 'verifier-worker'].map((name) => ({
  name,
  entry: `dist/apps/${name}/main.js`,
  models: name === 'executor-worker',
  env: WITHOUT_CREDENTIALS,
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
  /** False: no worker is started here. */
  readonly workers?: boolean;
  /** The rules of a model that stands in for the provider's. Such a stack has data, database and queues of its own. */
  readonly modelScript?: string;
}): Promise<RunningStack> {
  await checkSandbox(options.log);
  const { workers = true, modelScript, ...signals } = options;
  const settings = modelScript === undefined ? process.env : {};
  // What is wrong with it is said here, and not by a worker that does not start.
  readModelSettings(settings);
  const { DATABASE_URL: databaseUrl, PLANWRIGHT_API_PORT: port } = settings;
  const root = homePath(PACKAGE_ROOT);
  const home = await createHome(modelScript === undefined ? root : path.join(root, 'scripted-demo'));
  const services = workers ? [API, ...WORKERS] : [API];
  const token = await installToken(home);
  try {
    const own = await startStack({
      home,
      packageRoot: PACKAGE_ROOT,
      services: modelScript === undefined ? services : await withScriptedModel(services, modelScript, home),
      api: { service: API.name, ...(port === undefined ? {} : { port: portOf(port) }) },
      queue: readQueueSettings(settings),
      onEvent: (event) => report(event, options.log),
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      ...signals,
    });
    if (own.url === undefined) throw new Error('The API did not say where it answers.');
    return { home, token, url: own.url, own };
  } catch (error) {
    if (!(error instanceof StackAlreadyRunningError) || error.owner.url === undefined) throw error;
    return { home, token, url: error.owner.url, own: null };
  }
}

/** The port that other hosts know: it is this one or none. */
function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Error(`PLANWRIGHT_API_PORT is ${JSON.stringify(text)}: give a port from 1 to 65535, or none.`);
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
  if (event.type === 'server-exited')
    log(`${event.name} ended (${event.signal ?? event.code}); starting it again`);
  if (event.type === 'failure') log(`${event.what}: ${event.error.message}`);
}
