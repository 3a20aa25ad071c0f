import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { createHome, type Home } from '#platform/home/home.js';
import { whyQueueIsSilent } from '#queue/open-queue-backend.js';
import type { QueueConfig } from '#queue/queue-backend.js';
import { compiled, eventually, isAlive, runScript } from '#testing/processes.js';
import { readRunState, type RunState } from './run-state.js';
import { startStack, type Stack, type StackOptions } from './supervisor.js';
import type { StackEvent } from './stack-event.js';

/** A service as ours are: answers over HTTP, stops when asked, and says what it was asked to be. */
const GOOD = `
  import { createServer } from 'node:http';
  import { superviseChild } from '${compiled('libs/platform/supervisor/child.js')}';
  const server = createServer((_, response) => response.end(process.env.DATABASE_URL));
  const child = superviseChild({ onStop: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }) });
  server.listen(Number(process.env.PLANWRIGHT_API_PORT ?? 0), '127.0.0.1', () =>
    child.ready({ url: 'http://127.0.0.1:' + server.address().port }));
`;
const STUBBORN = `
  for (const name of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(name, () => undefined);
  setInterval(() => undefined, 1000);
  process.send({ type: 'ready' });
`;
/** Writes down what it knows of models. */
const TELLING = `
  import { writeFileSync } from 'node:fs';
  const known = Object.entries(process.env).filter(([name]) => /^(ANTHROPIC_|PLANWRIGHT_MODEL)/.test(name));
  writeFileSync(process.argv[2], JSON.stringify(Object.fromEntries(known)));
  process.on('SIGTERM', () => process.exit(0));
  process.on('disconnect', () => process.exit(0));
  setInterval(() => undefined, 1000);
  process.send({ type: 'ready' });
`;
const BROKEN = `throw new Error('no such luck');`;

let parent: string;
let home: Home;
let events: StackEvent[];
let stack: Stack | undefined;
/** Processes that only the next start would end: a test that fails before must not leave them. */
let strays: number[] = [];

beforeEach(async () => {
  events = [];
  parent = await mkdtemp(path.join(tmpdir(), 'stack test '));
  await chmod(parent, 0o755);
  home = await createHome(path.join(parent, 'home'));
  await mkdir(path.join(parent, 'prisma/migrations'), { recursive: true });
  await writeFile(path.join(parent, 'good.mjs'), GOOD);
  await writeFile(path.join(parent, 'stubborn.mjs'), STUBBORN);
  await writeFile(path.join(parent, 'broken.mjs'), BROKEN);
  await writeFile(path.join(parent, 'telling.mjs'), TELLING);
});

afterEach(async () => {
  await stack?.stop();
  stack = undefined;
  strays.filter(isAlive).forEach((pid) => process.kill(pid, 'SIGKILL'));
  strays = [];
  await rm(parent, { recursive: true, force: true });
});

function options(...kinds: string[]): StackOptions {
  const services = kinds.map((kind, index) => ({ name: `${kind}-${index}`, entry: `${kind}.mjs` }));
  const onEvent = (event: StackEvent) => void events.push(event);
  return {
    home,
    packageRoot: parent,
    log: () => undefined,
    services,
    api: { service: 'good-0' },
    onEvent,
    graceMs: 1000,
  };
}

async function up(...kinds: string[]): Promise<Stack> {
  stack = await startStack(options(...kinds));
  return stack;
}

function pids(state: RunState): number[] {
  return [...state.services.map(({ pid }) => pid), ...(state.postgres ? [state.postgres.pid] : [])];
}

const readyEvents = () => events.filter(({ type }) => type === 'service-ready').length;

async function selectOne(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

test('a stack is up when its services are ready, tells about itself, and leaves nothing when it stops', async () => {
  const { url, state, stop } = await up('good', 'good');
  expect(await (await fetch(url ?? '')).text()).toBe(state().databaseUrl);
  expect(await readRunState(home)).toEqual(state());
  expect((await stat(home.run.stateFile)).mode & 0o777).toBe(0o600);
  const all = pids(state());
  expect(all).toHaveLength(3);
  expect(all.every(isAlive)).toBe(true);
  await Promise.all([stop(), stop()]);
  expect(all.filter(isAlive)).toEqual([]);
  expect(await readRunState(home)).toBeUndefined();
});

test('a second start says who runs already and where, and harms nothing', async () => {
  const first = await up('good');
  await expect(startStack(options('good'))).rejects.toMatchObject({
    name: 'StackAlreadyRunningError',
    owner: { pid: process.pid, url: first.url },
  });
  expect((await fetch(first.url ?? '')).status).toBe(200);
});

test('a killed service starts again at its old address; the others do not notice', async () => {
  const { url, state } = await up('good', 'good');
  const [killed, other] = state().services.map(({ pid }) => pid);
  process.kill(killed ?? 0, 'SIGKILL');
  await eventually('the service is ready again', () => readyEvents() === 3);
  expect(await (await fetch(url ?? '')).text()).toBe(state().databaseUrl);
  expect(state().services[1]?.pid).toBe(other);
  await eventually('the state names the new process', async () => {
    const recorded = (await readRunState(home))?.services[0]?.pid;
    return recorded !== killed && recorded === state().services[0]?.pid;
  });
});

test('a killed Postgres comes back at its old address under the same services', async () => {
  const { state, databaseUrl } = await up('good', 'good');
  const [before, url] = [state(), databaseUrl()];
  process.kill(before.postgres?.pid ?? 0, 'SIGKILL');
  await eventually('another server runs', () => state().postgres?.pid !== before.postgres?.pid);
  expect(databaseUrl()).toBe(url);
  expect(await selectOne(url)).toBe(true);
  expect(state().services).toEqual(before.services);
});

test('with the queues on Redis it runs one: told to the services, started again, gone at the end', async () => {
  stack = await startStack({ ...options('good'), queue: { backend: 'redis', redisUrl: undefined } });
  const { state, stop } = stack;
  const before = state();
  expect(before.queue?.backend).toBe('redis');
  expect(await whyQueueIsSilent(before.queue as QueueConfig)).toBeNull();
  process.kill(before.redis?.pid ?? 0, 'SIGKILL');
  await eventually('another server runs', () => state().redis?.pid !== before.redis?.pid);
  expect(state().queue).toEqual(before.queue);
  expect(await whyQueueIsSilent(before.queue as QueueConfig)).toBeNull();
  expect(state().services).toEqual(before.services);
  const { redis } = state();
  await stop();
  expect(isAlive(redis?.pid ?? 0)).toBe(false);
});

test('a Redis of the user is used, and none is started', async () => {
  const redisUrl = 'redis://:secret@127.0.0.1:1';
  stack = await startStack({ ...options('good'), queue: { backend: 'redis', redisUrl } });
  expect(stack.state()).toMatchObject({ queue: { backend: 'redis', url: redisUrl } });
  expect(stack.state().redis).toBeUndefined();
});

test('the key to models goes to the services that call them; the others are told that it is there', async () => {
  const telling = (name: string, models: boolean) => ({
    name,
    entry: 'telling.mjs',
    args: [path.join(parent, `${name}.json`)],
    models,
  });
  const known = async (name: string) =>
    JSON.parse(await readFile(path.join(parent, `${name}.json`), 'utf8')) as unknown;
  const before = process.env['ANTHROPIC_API_KEY'];
  process.env['ANTHROPIC_API_KEY'] = 'sk-ant-api03-0123456789abcdef';
  try {
    stack = await startStack({ ...options(), services: [telling('calls', true), telling('other', false)] });
  } finally {
    if (before === undefined) delete process.env['ANTHROPIC_API_KEY'];
    else process.env['ANTHROPIC_API_KEY'] = before;
  }
  expect(await known('calls')).toEqual({ ANTHROPIC_API_KEY: 'sk-ant-api03-0123456789abcdef' });
  expect(await known('other')).toEqual({ PLANWRIGHT_MODEL_KEY: 'workers' });
});

test('a service that does not stop is killed after the grace', async () => {
  const { state, stop } = await up('stubborn', 'good');
  const all = pids(state());
  await stop();
  expect(all.filter(isAlive)).toEqual([]);
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'service-exited', name: 'stubborn-0', signal: 'SIGKILL' }),
  );
  expect(events).toContainEqual(expect.objectContaining({ type: 'service-exited', name: 'good-1', code: 0 }));
});

test('a second wish to stop takes the grace away', async () => {
  const hurry = new AbortController();
  stack = await startStack({ ...options('stubborn'), graceMs: 60_000, hurry: hurry.signal });
  const stopped = stack.stop();
  setTimeout(() => hurry.abort(), 100);
  const begun = performance.now();
  await stopped;
  expect(performance.now() - begun).toBeLessThan(5000);
});

test('a service that cannot start ends the start with its own words, and nothing is left running', async () => {
  await expect(startStack(options('good', 'broken'))).rejects.toThrow(
    /broken-1 does not start[\s\S]*no such luck/,
  );
  const started = events.flatMap((event) => ('pid' in event ? [event.pid] : []));
  expect(started.length).toBeGreaterThan(3);
  expect(started.filter(isAlive)).toEqual([]);
  await up('good');
});

test('a stop while it starts leaves nothing running', async () => {
  const stop = new AbortController();
  const onEvent = (event: StackEvent) => {
    events.push(event);
    if (event.type === 'service-started') stop.abort();
  };
  await expect(startStack({ ...options('good'), onEvent, stop: stop.signal })).rejects.toMatchObject({
    name: 'StackStoppedError',
  });
  expect(events.flatMap((event) => ('pid' in event ? [event.pid] : [])).filter(isAlive)).toEqual([]);
});

test('services of a killed supervisor end by themselves, the stubborn by the next start, which works', async () => {
  const { log: _log, onEvent: _onEvent, ...plain } = options('good', 'stubborn');
  const other = runScript(`
    import { startStack } from '${compiled('libs/platform/supervisor/supervisor.js')}';
    const stack = await startStack({ ...${JSON.stringify(plain)}, log: () => undefined });
    process.send(stack.state());
  `);
  strays = pids((await other.message) as unknown as RunState);
  const [good, stubborn, postgres] = strays;
  await other.kill();
  await eventually('the good service ends', () => !isAlive(good ?? 0));
  expect([stubborn, postgres].map((pid) => isAlive(pid ?? 0))).toEqual([true, true]);
  const { url } = await up('good');
  expect([stubborn, postgres].map((pid) => isAlive(pid ?? 0))).toEqual([false, false]);
  expect((await fetch(url ?? '')).status).toBe(200);
  expect(await readFile(path.join(home.logs, 'postgres.log'), 'utf8')).toContain('fast shutdown');
});
