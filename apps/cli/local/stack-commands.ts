import { health, type Health } from '#contracts/api/health.js';
import { homeExists, homeAt, homePath } from '#platform/home/home.js';
import { readSigningKey } from '#platform/home/signing-key.js';
import { currentOwner } from '#platform/home/instance-lock.js';
import { isRunning } from '#platform/home/process-identity.js';
import { readRunState } from '#platform/supervisor/run-state.js';
import { whyQueueIsSilent } from '#queue/open-queue-backend.js';
import type { QueueConfig } from '#queue/queue-backend.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { print, printJson, printTable, say } from '../output/output.js';
import { PACKAGE_ROOT } from './installation.js';
import { sandboxLine } from './machine-sandbox.js';

/** Whether the stack of this machine's data folder runs, and where. */
export async function status(options: { readonly json?: boolean }): Promise<ExitCode> {
  const home = homeAt(homePath(PACKAGE_ROOT));
  const state = (await homeExists(home.root)) ? await readRunState(home) : undefined;
  const running = state !== undefined && isRunning(state.supervisor);
  const services = (state?.services ?? []).map((service) => ({
    name: service.name,
    pid: service.pid,
    running: isRunning(service),
  }));
  const queue = running && state.queue !== undefined ? await queueStatus(state.queue) : null;
  const sandbox = running && state.url !== undefined ? await sandboxOf(state.url) : null;
  if (options.json === true)
    printJson('status', {
      running,
      home: home.root,
      url: state?.url ?? null,
      queue,
      services,
      sandbox,
      signingKey: (await readSigningKey(home)) ?? null,
    });
  else if (!running) say(`Planwright does not run in ${home.root}. Next: planwright up`);
  else {
    print(`Planwright runs at ${state.url ?? '(starting)'}. Its data is in ${home.root}.`);
    printTable(
      services.map(({ name, pid, running: lives }) => [
        `  ${name}`,
        `pid ${pid}`,
        lives ? 'running' : 'ended',
      ]),
    );
    if (queue !== null)
      print(`  Queues in ${queue.backend}: ${queue.answers ? 'it answers' : `no answer (${queue.reason})`}`);
    print(`Sandbox: ${sandbox === null ? 'unknown, the API does not answer' : sandboxLine(sandbox)}`);
  }
  return running ? EXIT.ok : EXIT.notReachable;
}

async function queueStatus(
  queue: QueueConfig,
): Promise<{ backend: QueueConfig['backend']; answers: boolean; reason?: string }> {
  const reason = await whyQueueIsSilent(queue);
  return { backend: queue.backend, answers: reason === null, ...(reason === null ? {} : { reason }) };
}

/** What the running stack says of its sandbox: it may have been started with other settings than this command. */
async function sandboxOf(url: string): Promise<Health['sandbox'] | null> {
  const answer = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(HEALTH_MS) }).catch(
    () => null,
  );
  if (answer?.ok !== true) return null;
  return health.parse(await answer.json()).sandbox;
}

const HEALTH_MS = 3_000;
const PATIENCE_MS = 30_000;

/** Stops the stack in order, and waits until it is gone. */
export async function down(): Promise<ExitCode> {
  const home = homeAt(homePath(PACKAGE_ROOT));
  const owner = (await homeExists(home.root)) ? await currentOwner(home) : undefined;
  if (owner === undefined) {
    say(`Planwright does not run in ${home.root}.`);
    return EXIT.ok;
  }
  process.kill(owner.pid, 'SIGTERM');
  for (let waited = 0; isRunning(owner); waited += 100) {
    if (waited > PATIENCE_MS) {
      throw new CliError(EXIT.failed, `Process ${owner.pid} does not end.`, `kill -9 ${owner.pid}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  say('Stopped.');
  return EXIT.ok;
}
