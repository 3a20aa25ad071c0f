import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ApiProcess } from './api-process.js';
import type { BackendName } from './queues.js';

type Kind = 'api' | 'executor-worker' | 'verifier-worker';

/** What a service joins: a running stack, or an API alone. */
export interface ServedStack {
  /** The data folder that has the hubs. */
  readonly home: string;
  readonly leaseEnv: Readonly<Record<string, string>>;
  state(): Promise<{
    readonly databaseUrl?: string;
    readonly queue?: { readonly backend: BackendName; readonly url: string };
  }>;
}

/** Runs a program with a small disk under its data folder, in namespaces of its own: this needs no root. */
const ON_SMALL_DISK = [
  ...['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c'],
  'mount -t tmpfs -o size="$DISK_SIZE" tmpfs "$PLANWRIGHT_HOME" && exec "$@"',
  'sh',
];

/** One more service beside a running stack, with a data folder of its own: whoever starts it may do anything to it. */
export class TestService {
  private constructor(
    private readonly child: ChildProcess,
    private readonly home: string,
    private readonly ended: Promise<void>,
    private readonly output: readonly string[],
  ) {}

  /**
   * @param env variables over those that the stack's own service would have
   * @param options.build the folder whose `dist/` is run: this one, or that of an older build
   * @param options.disk the size of the disk that its data folder is on, as of `mount`; this machine's by default
   */
  static async start(
    stack: ServedStack,
    kind: Kind,
    env: Readonly<Record<string, string>> = {},
    { build = '.', disk = '' }: { readonly build?: string; readonly disk?: string } = {},
  ): Promise<TestService> {
    const { databaseUrl = '', queue } = await stack.state();
    const home = mkdtempSync(path.join(tmpdir(), `planwright-${kind}-`));
    const line = [process.execPath, path.resolve(build, `dist/apps/${kind}/main.js`)];
    const [program = '', ...args] = disk === '' ? line : [...ON_SMALL_DISK, ...line];
    const child = spawn(program, args, {
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        PLANWRIGHT_HOME: home,
        DISK_SIZE: disk,
        DATABASE_URL: databaseUrl,
        QUEUE_BACKEND: queue?.backend,
        ...(queue?.backend === 'redis' ? { REDIS_URL: queue.url } : {}),
        GIT_HUB_URL: path.join(stack.home, 'hubs'),
        ...stack.leaseEnv,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const service = new TestService(child, home, ended, output);
    await service.hasSaid('"ready"');
    return service;
  }

  /** SIGSTOP and SIGCONT: the process, and not what it runs, stands still. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(name);
  }

  /** Where the API answers. */
  get url(): string {
    return /"url":"([^"]+)"/.exec(this.output.join(''))?.[1] ?? '';
  }

  /** Waits until its log has the text. */
  async hasSaid(text: string): Promise<void> {
    for (let tries = 0; !this.output.join('').includes(text); tries += 1) {
      if (tries > 600 || this.child.exitCode !== null)
        throw new Error(`a service did not say ${text}:\n${this.output.join('')}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** In order, as far as it still can. */
  async stop(): Promise<void> {
    this.child.kill('SIGCONT');
    this.child.kill('SIGTERM');
    await this.ended;
    rmSync(this.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** An API that runs alone, as what services join. */
export function asStack({ home, database }: ApiProcess): ServedStack {
  return { home, leaseEnv: {}, state: async () => ({ databaseUrl: database.url }) };
}

export type TestWorkers = Pick<TestService, 'stop'>;

/**
 * Both workers beside an API that runs alone.
 *
 * @param env variables of the executor-worker
 */
export async function startWorkers(
  api: ApiProcess,
  env: Readonly<Record<string, string>> = {},
): Promise<TestWorkers> {
  const stack = asStack(api);
  const workers = await Promise.all([
    TestService.start(stack, 'executor-worker', env),
    TestService.start(stack, 'verifier-worker'),
  ]);
  return {
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}
