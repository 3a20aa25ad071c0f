import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { compiled, eventually, runScript } from '#testing/processes.js';
import { removeAbandonedFolders, ThrowAwayFolders, type ThrowAwayFolder } from './throw-away-folder.js';

let root: string;
let folders: ThrowAwayFolders;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'folders-'));
  folders = new ThrowAwayFolders(join(root, 'made'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Lends a folder until it is seen to. */
async function lend(work: (folder: ThrowAwayFolder) => void = () => undefined): Promise<ThrowAwayFolder> {
  const lent = await folders.use((folder) => {
    work(folder);
    return Promise.resolve(folder);
  });
  await setImmediate();
  return lent;
}

function isEmpty(folder: ThrowAwayFolder): boolean {
  const inside = [folder.home, folder.tmp, folder.work].flatMap((path) => readdirSync(path));
  return inside.length === 0 && readdirSync(folder.path).length === 4 && statSync(folder.input).size === 0;
}

test('a folder in which nothing stayed but the known files serves the next run, without them', async () => {
  const first = await lend(({ input, result }) =>
    [input, result].forEach((file) => writeFileSync(file, 'x')),
  );
  const second = await lend((folder) => expect(isEmpty(folder)).toBe(true));
  expect(second.path).toBe(first.path);
});

test.each<[string, (folder: ThrowAwayFolder) => void]>([
  ['a file at home', ({ home }) => writeFileSync(join(home, '.profile'), 'x')],
  ['a folder to work in that is not empty', ({ work }) => mkdirSync(join(work, 'a/b'), { recursive: true })],
  ['a file beside', ({ path }) => writeFileSync(join(path, 'other'), 'x')],
  ['other rights', ({ tmp }) => chmodSync(tmp, 0o777)],
  ['a folder in the place of the result', ({ result }) => mkdirSync(result)],
  ['a missing input', ({ input }) => rmSync(input)],
  [
    'another file in the place of the input',
    ({ input }) => {
      rmSync(input);
      writeFileSync(input, '');
      writeFileSync(`${input}.held`, '');
      renameSync(`${input}.held`, input);
    },
  ],
  [
    'a link in the place of the input',
    ({ input }) => {
      rmSync(input);
      symlinkSync(join(tmpdir(), 'elsewhere'), input);
    },
  ],
  ['a second name of the input', ({ input, home }) => linkSync(input, join(home, 'input'))],
  ['a missing folder', ({ home }) => rmdirSync(home)],
  [
    'a link instead of a folder',
    ({ home }) => {
      rmdirSync(home);
      symlinkSync(tmpdir(), home);
    },
  ],
])('%s: the next run has another folder, and this one is gone', async (_name, spoil) => {
  const spoilt = await lend(spoil);
  await eventually('it is gone', () => statSync(spoilt.path, { throwIfNoEntry: false }) === undefined);
  const next = await lend((folder) => expect(isEmpty(folder)).toBe(true));
  expect(next.path).not.toBe(spoilt.path);
});

test('what is put into a folder that served long before is seen', async () => {
  const { path } = await lend();
  await setTimeout(60);
  expect((await lend()).path).toBe(path);
  await lend(({ work }) => writeFileSync(join(work, 'left'), 'x'));
  expect((await lend((folder) => expect(isEmpty(folder)).toBe(true))).path).not.toBe(path);
});

test('what a run is given is all that is in its input', async () => {
  const given = async (content: string) => {
    const { input } = await lend((folder) => {
      folder.fill(content);
      expect(readFileSync(folder.input, 'utf8')).toBe(content);
    });
    return input;
  };
  expect(await given('one')).toBe(await given('a longer one, ümläut'));
  await given('');
});

test('a link in the place of a known file goes, what it leads to stays', async () => {
  writeFileSync(join(root, 'kept'), 'x');
  await lend(({ result }) => symlinkSync(join(root, 'kept'), result));
  expect(statSync(join(root, 'kept')).isFile()).toBe(true);
});

test('two runs at a time never share a folder', async () => {
  await folders.use(async (outer) => {
    const inner = await lend();
    expect(inner.path).not.toBe(outer.path);
  });
});

test('it is taken back after a failure too, and all that is kept can be removed', async () => {
  await expect(folders.use(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(readdirSync(join(root, 'made'))).toHaveLength(1);
  folders.clear();
  expect(readdirSync(join(root, 'made'))).toEqual([]);
});

describe('what killed processes left', () => {
  /** A process that holds a folder until it is killed. */
  async function holder() {
    const script = runScript(`
      import { ThrowAwayFolders } from ${JSON.stringify(compiled('libs/sandbox/throw-away-folder.js'))};
      await new ThrowAwayFolders(${JSON.stringify(root)}).use(async ({ path }) => {
        process.send({ path });
        await new Promise(() => setInterval(() => {}, 1000));
      });`);
    return { script, path: String((await script.message)['path']) };
  }

  test('is removed, and what a living one holds stays', async () => {
    const [dead, living] = [await holder(), await holder()];
    await dead.script.kill();
    writeFileSync(join(root, 'of-somebody-else'), '');
    await removeAbandonedFolders(root);
    const left = readdirSync(root).map((name) => join(root, name));
    expect(left.sort()).toEqual([living.path, join(root, 'of-somebody-else')].sort());
    await living.script.kill();
    await removeAbandonedFolders(root);
    expect(readdirSync(root)).toEqual(['of-somebody-else']);
  });

  test('is removed although this process has the same number now', async () => {
    mkdirSync(join(root, `run-${process.pid}-abc`));
    await removeAbandonedFolders(root);
    expect(readdirSync(root)).toEqual([]);
  });
});
