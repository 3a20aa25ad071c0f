import { spawnSync, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EXAMPLE_PLAN, exampleRepository } from '#testing/example-repository.js';
import { TemporaryFolder } from '#testing/git-repositories.js';
import { recordFault } from '#testing/fault-record.js';
import { findFaults } from '#testing/history-checker.js';
import { createTestDatabase, type TestDatabase } from '#testing/postgres.js';
import {
  argumentsOf,
  environmentOf,
  processesBelow,
  processesOfUser,
  tracesOf,
} from '#testing/process-traces.js';
import { eventually } from '#testing/processes.js';
import { RunningDemo } from '#testing/running-demo.js';
import { OpenedPort, possibleSeparation, SeparateHost, SharedProgram } from '#testing/separate-hosts.js';

const TIMEOUT = 240_000;
const SEPARATION = possibleSeparation();

describe(`workers on hosts of their own (kept apart here by ${SEPARATION})`, () => {
  let database: TestDatabase;
  let folder: TemporaryFolder;
  let program: SharedProgram;
  let demo: RunningDemo;
  let openedDatabase: OpenedPort;
  let hosts: { readonly host: SeparateHost; readonly kind: 'executor' | 'verifier'; child?: ChildProcess }[];
  let token: string;
  let origin: string;

  beforeAll(async () => {
    // `planwright up` brings an empty database of somebody else's server up to date.
    database = await createTestDatabase({ migrated: false });
    folder = await TemporaryFolder.create();
    program = SharedProgram.create(SEPARATION);
    hosts = (['executor', 'executor', 'verifier'] as const).map((kind, number) => ({
      host: new SeparateHost(`${kind}${number}`, number, SEPARATION, program),
      kind,
    }));
    openedDatabase = await OpenedPort.to(Number(new URL(database.url).port));
    demo = await RunningDemo.create({
      DATABASE_URL: database.url,
      PLANWRIGHT_LEASE_MS: '2000',
      ...(SEPARATION === 'networks and users' ? { PLANWRIGHT_LISTEN: '0.0.0.0' } : {}),
      PLANWRIGHT_ALLOWED_HOSTS: hosts.map(({ host }) => host.gateway).join(','),
    });
    demo.start('up', '--no-workers');
    await demo.state();
    token = (await readFile(path.join(demo.home, 'worker-token'), 'utf8')).trim();
    origin = await exampleRepository(folder.path);
  }, TIMEOUT);

  afterAll(async () => {
    for (const { host } of hosts) host.remove();
    program.remove();
    await demo.remove();
    await openedDatabase.close();
    await database.drop();
    await folder.remove();
  }, TIMEOUT);

  async function startWorkers(): Promise<void> {
    const { url = '' } = await demo.state();
    for (const each of hosts) {
      const { host, kind } = each;
      const reached = (address: string, port: number): string => {
        const seen = new URL(address);
        seen.hostname = host.gateway;
        seen.port = String(port);
        return seen.href;
      };
      each.child = host.start(['worker', kind], {
        DATABASE_URL: reached(database.url, openedDatabase.port),
        GIT_HUB_URL: reached(`${url}/hub`, Number(new URL(url).port)),
        PLANWRIGHT_WORKER_TOKEN: token,
        PLANWRIGHT_LEASE_MS: '2000',
        PLANWRIGHT_EXECUTOR_CONCURRENCY: '2',
      });
    }
    for (const { host, child } of hosts)
      await eventually(
        `${host.name} is ready`,
        () => {
          if (child?.exitCode !== null) throw new Error(`${host.name} ended: ${host.said()}`);
          return host.said().includes('"ready"');
        },
        60_000,
      );
  }

  const processesOn = ({ host, child }: (typeof hosts)[number]): number[] =>
    host.uid === undefined ? processesBelow(child?.pid ?? -1) : processesOfUser(host.uid);
  /** True while a command of a task runs there. */
  const isMidTask = (each: (typeof hosts)[number]): boolean =>
    processesOn(each).some((pid) => environmentOf(pid).some((line) => line.startsWith('PLANWRIGHT_TASK=')));

  it(
    'finish a plan by database, queue and hub address alone, each task exactly once, though one is killed',
    async () => {
      for (const { host } of hosts) {
        if (host.uid === undefined) continue;
        for (const entry of ['token', 'worker-token', 'hubs', 'workers', 'run/state.json'])
          expect([entry, host.can('-r', path.join(demo.home, entry))]).toEqual([entry, false]);
      }
      await startWorkers();
      for (const each of hosts)
        expect(
          processesOn(each)
            .flatMap(tracesOf)
            .some((trace) => trace.includes(each.host.home)),
        ).toBe(true);
      const leaks = new Set<string>();
      const looking = setInterval(() => {
        for (const each of hosts) {
          for (const pid of processesOn(each)) {
            for (const trace of tracesOf(pid)) if (trace.includes(demo.home)) leaks.add(trace);
            if (argumentsOf(pid).includes(token)) leaks.add('the token is an argument');
            const environment = environmentOf(pid);
            const untrusted = environment.some((line) => /^PLANWRIGHT_RUN=/.test(line));
            if (
              untrusted &&
              environment.some((line) => line.includes(token) || /^GIT_CONFIG|^DATABASE/.test(line))
            )
              leaks.add('an untrusted process has the token');
          }
        }
      }, 100);
      try {
        demo.start('run', EXAMPLE_PLAN, '--repo', origin, '--yes');
        await demo.event(({ type, payload }) => type === 'attempt.started' && payload['task'] === 4);
        const executors = hosts.filter(({ kind }) => kind === 'executor');
        let victim: (typeof hosts)[number] | undefined;
        await eventually('an executor is in the middle of a task', () => {
          victim = executors.find(isMidTask);
          return victim !== undefined;
        });
        const at = Date.now();
        victim?.child?.kill('SIGKILL');
        await demo.event(({ type }) => type === 'plan.completed');
        const history = await demo.publishedHistory();
        recordFault({ fault: 'SIGKILL of a host', backend: 'postgres', at, history });
        expect(findFaults(history)).toEqual([]);
        expect(history.branch).toHaveLength(10);
        expect(victim?.child?.signalCode).toBe('SIGKILL');
        for (const each of hosts.filter((other) => other !== victim)) await endInOrder(each.child);
      } finally {
        clearInterval(looking);
      }
      expect([...leaks]).toEqual([]);
      const secret = Buffer.from(`worker:${token}`).toString('base64');
      for (const { host } of hosts) {
        const texts = [demo.home, token, secret].flatMap((text) => ['-e', text]);
        const found = spawnSync('grep', ['-rlF', ...texts, host.home], { encoding: 'utf8' });
        expect(found).toMatchObject({ status: 1, stdout: '' });
      }
    },
    TIMEOUT,
  );

  async function endInOrder(child: ChildProcess | undefined): Promise<void> {
    if (child === undefined) throw new Error('the worker was not started');
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  }
});
