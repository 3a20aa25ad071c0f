import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PackStore } from './pack-store.js';

const record = (text: string): Buffer => Buffer.from(text.repeat(20));

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'planwright-facts-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function opened(version = '1', maxBytes = 2 ** 20): Promise<PackStore> {
  const store = new PackStore(home, version, maxBytes);
  await store.open();
  return store;
}

async function packs(): Promise<string[]> {
  return (await readdir(join(home, '1'))).filter((name) => name.endsWith('.pack'));
}

test('what one process wrote another one reads, and other versions do not', async () => {
  const one = await opened();
  const two = await opened();
  one.put('a', record('a'));
  await one.flush();
  expect(two.get('a')).toBeNull();
  await two.refresh();
  expect(two.get('a')).toEqual(record('a'));
  expect((await opened('2')).get('a')).toBeNull();
  expect((await opened()).get('a')).toEqual(record('a'));
});

test.each<[string, (path: string, size: number) => Promise<void>]>([
  ['truncated', (path, size) => truncate(path, size - 3)],
  ['emptied', (path) => truncate(path, 0)],
  ['garbage', (path, size) => writeFile(path, Buffer.alloc(size, 7))],
])('a pack that is %s reads as absent and makes room for a new one', async (_what, damage) => {
  const store = await opened();
  store.put('a', record('a'));
  await store.close();
  const [name = ''] = await packs();
  const path = join(home, '1', name);
  await damage(path, (await readFile(path)).length);
  const next = await opened();
  expect(next.get('a')).toBeNull();
  next.put('a', record('a'));
  await next.flush();
  expect(next.get('a')).toEqual(record('a'));
});

test('whichever byte of a pack is flipped, a record is right or absent', async () => {
  const store = await opened();
  for (const key of ['a', 'b', 'c']) store.put(key, record(key));
  await store.close();
  const [name = ''] = await packs();
  const path = join(home, '1', name);
  const whole = await readFile(path);
  for (let at = 0; at < whole.length; at += 1) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    await writeFile(path, damaged);
    const next = await opened();
    for (const key of ['a', 'b', 'c'])
      expect([null, record(key).toString()]).toContain(next.get(key)?.toString() ?? null);
    await next.close();
  }
});

test('the oldest packs leave when there are too many bytes', async () => {
  const store = await opened('1', 2_000);
  for (let round = 0; round < 30; round += 1) {
    store.put(`key ${round}`, Buffer.from(Array.from({ length: 300 }, (_, at) => (at * round * 31) % 251)));
    await store.flush();
  }
  const sizes = await Promise.all(
    (await packs()).map(async (name) => (await readFile(join(home, '1', name))).length),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(2_000);
  expect(store.get('key 29')).not.toBeNull();
});

test('many small packs become few, and lose nothing', async () => {
  const store = await opened();
  for (let round = 0; round < 40; round += 1) {
    store.put(`key ${round}`, record(String(round)));
    await store.flush();
  }
  expect((await packs()).length).toBeLessThan(20);
  const next = await opened();
  for (let round = 0; round < 40; round += 1) expect(next.get(`key ${round}`)).toEqual(record(String(round)));
});

test('two processes that write at once, one of them killed, leave whole packs', async () => {
  const script = `
    import { PackStore } from ${JSON.stringify(join(process.cwd(), 'dist/libs/facts/cache/pack-store.js'))};
    const store = new PackStore(${JSON.stringify(home)}, '1', 1e6);
    await store.open();
    for (let round = 0; ; round += 1) {
      store.put(process.argv[1] + round, Buffer.from((process.argv[1] + round).repeat(50)));
      await store.flush();
      if (round === 20) console.log('ready');
    }`;
  const children = ['x', 'y'].map((name) =>
    spawn(process.execPath, ['--input-type=module', '-e', script, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const ready = children.map((child) => new Promise((resolve) => child.stdout.once('data', resolve)));
  await Promise.all(ready);
  const ended = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(ended);
  const store = await opened();
  for (const name of ['x', 'y'])
    for (let round = 0; round < 20; round += 1)
      expect(store.get(`${name}${round}`)?.toString()).toBe(`${name}${round}`.repeat(50));
});
