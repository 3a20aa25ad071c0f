import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Processes of their own, as several workers of one machine are: the compiled cache, with a slow set-up. */
const compiled = (file: string) => pathToFileURL(join(process.cwd(), 'dist/libs/setup', file)).href;
const PROGRAM = `
  import { appendFile, mkdir, writeFile } from 'node:fs/promises';
  import { join } from 'node:path';
  const [root, target, lines, ms] = process.argv.slice(1);
  const { SetupCache } = await import(${JSON.stringify(compiled('setup-cache.js'))});
  const { FileTools } = await import(${JSON.stringify(compiled('file-tools.js'))});
  const make = async ([folder]) => {
    await mkdir(folder);
    await appendFile(lines, 'made\\n');
    await new Promise((resolve) => setTimeout(resolve, Number(ms)));
    await writeFile(join(folder, 'file'), 'whole');
  };
  const cache = new SetupCache(root, 1024, new FileTools(process.env.PATH));
  const signal = new AbortController().signal;
  console.log(await cache.provide({ key: 'abc', targets: [target], make, signal }));
`;

let folder: string;
const started: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'planwright-cache-'));
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

function start(name: string, ms: number): ChildProcess {
  const args = [join(folder, 'cache'), join(folder, name), join(folder, 'lines'), String(ms)];
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  return child;
}

/** What a process said of whether the entry was there. */
async function answer(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  return text.trim();
}

const made = async () => (await readFile(join(folder, 'lines'), 'utf8').catch(() => '')).match(/made/g) ?? [];

it('is filled once by processes that ask at once', async () => {
  await mkdir(join(folder, 'cache'));
  const names = ['a', 'b', 'c'];
  const answers = await Promise.all(names.map((name) => answer(start(name, 1_000))));
  expect(answers.every((text) => text === 'true' || text === 'false')).toBe(true);
  expect(await made()).toHaveLength(1);
  for (const name of names) expect(await readFile(join(folder, name, 'file'), 'utf8')).toBe('whole');
});

it('is filled by the next when the one that was at it is killed', async () => {
  const killed = start('a', 60_000);
  while ((await made()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const next = answer(start('b', 0));
  killed.kill('SIGKILL');
  await next;
  expect(await made()).toHaveLength(2);
  expect(await readFile(join(folder, 'b/file'), 'utf8')).toBe('whole');
  await answer(start('c', 0));
  expect(await readdir(join(folder, 'cache'))).toEqual(['abc']);
});
