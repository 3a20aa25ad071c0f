import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { whyQueueIsSilent } from '#queue/open-queue-backend.js';
import { compiled, isAlive, runScript } from '#testing/processes.js';
import { createHome, type Home } from '../home/home.js';
import { commandOf } from '../home/process-identity.js';
import { startRedis, type RedisServer } from './redis-server.js';

let parent: string;
let home: Home;
let server: RedisServer | undefined;
let said: string[];

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'redis test '));
  home = await createHome(path.join(parent, 'home'));
  said = [];
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
  await rm(parent, { recursive: true, force: true });
});

const start = () => startRedis({ home, log: (line) => said.push(line), path: process.env['PATH'] ?? '' });

const silence = (url: string) => whyQueueIsSilent({ backend: 'redis', url });

test('it answers to its password only, and nobody else can read that', async () => {
  server = await start();
  expect(await silence(server.url)).toBeNull();
  const url = new URL(server.url);
  const { password } = url;
  url.password = '';
  expect(await silence(url.href)).not.toBeNull();
  for (const file of [home.redis.passwordFile, home.redis.configFile])
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(home.redis.dir)).mode & 0o777).toBe(0o700);
  expect(commandOf(server.pid)).toContain('redis-server');
  expect(commandOf(server.pid)).not.toContain(password);
});

test('it comes back at its address, and a stop leaves nothing running', async () => {
  const first = await start();
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);
  server = await start();
  expect(server.url).toBe(first.url);
});

test('one that a killed run left behind is stopped first', async () => {
  const other = runScript(`
    import { startRedis } from '${compiled('libs/platform/redis/redis-server.js')}';
    const home = ${JSON.stringify(home)};
    const { pid } = await startRedis({ home, log: () => undefined, path: process.env.PATH });
    process.send({ pid });
    setInterval(() => undefined, 1000);
  `);
  const { pid } = (await other.message) as { pid: number };
  await other.kill();
  expect(isAlive(pid)).toBe(true);
  server = await start();
  expect(isAlive(pid)).toBe(false);
  expect(said.join()).toContain(`pid ${pid}`);
  expect(await silence(server.url)).toBeNull();
});

test('a machine without the program is told what to do', async () => {
  const attempt = startRedis({ home, log: () => undefined, path: parent });
  await expect(attempt).rejects.toThrow(/apt-get install redis-server.*REDIS_URL.*QUEUE_BACKEND/);
});
