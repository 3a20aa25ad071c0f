import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHome, homeExists, homePath, type Home } from './home.js';
import { choosePort } from './ports.js';
import { openLog } from './private-files.js';
import { installToken, readToken } from './token.js';

let parent: string;
let home: Home;

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'home test '));
  home = await createHome(path.join(parent, 'deep', 'home'));
});

afterEach(() => rm(parent, { recursive: true, force: true }));

const modeOf = async (entry: string) => (await stat(entry)).mode & 0o777;

test('the home is PLANWRIGHT_HOME, else below the package', () => {
  expect(homePath('/somewhere', {})).toBe('/somewhere/.planwright');
  expect(homePath('/somewhere', { PLANWRIGHT_HOME: '' })).toBe('/somewhere/.planwright');
  expect(homePath('/somewhere', { PLANWRIGHT_HOME: '/data' })).toBe('/data');
});

test('nobody else can list a home or read what is in it', async () => {
  expect((await modeOf(home.root)) & 0o066).toBe(0);
  for (const folder of [home.logs, home.run.dir, home.hubs, home.workers])
    expect(await modeOf(folder)).toBe(0o700);
  await installToken(home);
  expect(await modeOf(home.tokenFile)).toBe(0o600);
});

test('an empty folder that a person made becomes private; one with something in it is left as it is', async () => {
  const [empty, full] = [path.join(parent, 'empty'), path.join(parent, 'full')];
  for (const folder of [empty, full]) await mkdir(folder);
  for (const folder of [empty, full]) await chmod(folder, 0o777);
  await writeFile(path.join(full, 'mine'), '');
  await Promise.all([empty, full].map(createHome));
  expect((await modeOf(empty)) & 0o066).toBe(0);
  expect(await modeOf(full)).toBe(0o777);
});

test('a home is there once it was made, not before', async () => {
  expect(await homeExists(home.root)).toBe(true);
  expect(await homeExists(path.join(parent, 'other'))).toBe(false);
});

test('all first readers of the token get the same one', async () => {
  expect(await readToken(home)).toBeUndefined();
  const tokens = await Promise.all(Array.from({ length: 8 }, () => installToken(home)));
  expect(new Set(tokens).size).toBe(1);
  expect(tokens[0]?.length).toBeGreaterThan(40);
  expect(await readToken(home)).toBe(tokens[0]);
});

test('a chosen port is remembered and given up only when it is taken', async () => {
  const first = await choosePort(home.run.apiPortFile);
  expect(await choosePort(home.run.apiPortFile, first === 7420 ? 7421 : 7420)).toBe(first);
  const server = createServer().listen(first, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const second = await choosePort(home.run.apiPortFile);
  expect(second).not.toBe(first);
  await new Promise((resolve) => server.close(resolve));
  expect(await choosePort(home.run.apiPortFile)).toBe(second);
});

test('a log that grew large is set aside when it is opened', async () => {
  const file = path.join(home.logs, 'big.log');
  await writeFile(file, Buffer.alloc(6 * 1024 * 1024));
  await (await openLog(file)).close();
  expect((await stat(file)).size).toBe(0);
  expect((await stat(`${file}.1`)).size).toBe(6 * 1024 * 1024);
});
