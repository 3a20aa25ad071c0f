import { execFile } from 'node:child_process';
import {
  access,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { GitPort } from '#engine/ports/git.port.js';
import type { WorkspaceSetup } from '#engine/ports/setup.port.js';
import type { WorkspaceOrder } from '#engine/workspaces.js';
import { createOrigin } from '#testing/git-repositories.js';
import { GitTestKit, message, REPOSITORY } from '#testing/git-test-kit.js';

/** Makes `deps/` from the lock file, with what a copy must keep; says in a file of ours that it ran. */
const COMMAND = `mkdir -p deps/bin && cp lock deps/version && echo 'echo tool' > deps/bin/tool && chmod +x deps/bin/tool &&
  ln -s bin/tool deps/link && echo "$COMMON:$OWN" > deps/known && cat code > deps/code && echo run >> "$RUNS"`;
const FILES = { lock: '1\n', code: 'base\n', '.gitignore': 'deps/\n' };

let kit: GitTestKit;
let git: GitPort;
let base: string;
let runs: string;
let setup: WorkspaceSetup;

beforeEach(async () => {
  kit = await GitTestKit.create();
  git = kit.worker();
  base = await kit.imported(git, FILES);
  runs = join(kit.folder.path, 'runs');
  setup = {
    commands: [COMMAND],
    inputs: ['lock'],
    caches: ['deps'],
    env: { RUNS: runs, COMMON: 'all', OWN: 'http://127.0.0.1:${PLANWRIGHT_PORT_BASE}/' },
    network: true,
    timeout: 60,
  };
});
afterEach(() => kit.remove());

function order(commit: string, over: Partial<WorkspaceOrder> = {}): WorkspaceOrder {
  const signal = new AbortController().signal;
  return { repositoryId: REPOSITORY, commit, pool: 'executor', setup, signal, ...over };
}

function open(commit = base, over: Partial<WorkspaceOrder> = {}) {
  return kit.workspaces(git).open(order(commit, over));
}

/** Opens, looks at one file, and gives back. */
async function look(file: string, commit = base, over: Partial<WorkspaceOrder> = {}) {
  const workspace = await open(commit, over);
  const content = await readFile(join(workspace.path, file), 'utf8');
  await workspace.release();
  return { content, cached: workspace.cached };
}

async function timesRun(): Promise<number> {
  return (await readFile(runs, 'utf8').catch(() => '')).split('\n').length - 1;
}

const cacheRoot = () => join(kit.home(), 'setup');
const entries = async () => (await readdir(cacheRoot())).filter((name) => /^[0-9a-f]+$/.test(name));
const rejection = (work: Promise<unknown>) => work.then(String, (error: Error) => error.message);

describe('the cache', () => {
  it('runs the commands once for the same inputs, and gives every workspace the folders', async () => {
    expect(await look('deps/version')).toEqual({ content: '1\n', cached: false });
    expect(await look('deps/version')).toEqual({ content: '1\n', cached: true });
    const other = await kit.candidate(git, base, { write: { code: 'changed\n' } });
    expect(await look('deps/version', other)).toEqual({ content: '1\n', cached: true });
    expect(await timesRun()).toBe(1);
  });

  it('runs them again for another content of an input, another command, another variable', async () => {
    await look('deps/version');
    const other = await kit.candidate(git, base, { write: { lock: '2\n' } });
    expect(await look('deps/version', other)).toEqual({ content: '2\n', cached: false });
    setup = { ...setup, commands: [`${COMMAND} && true`] };
    expect(await look('deps/version')).toMatchObject({ cached: false });
    setup = { ...setup, env: { ...setup.env, COMMON: 'other' } };
    expect(await look('deps/known')).toEqual({ content: 'other:\n', cached: false });
    expect(await timesRun()).toBe(4);
  });

  it('keeps modes and links, and what it gives can be written', async () => {
    await (await open()).release();
    const { path, release } = await open();
    expect((await stat(join(path, 'deps/bin/tool'))).mode & 0o777).toBe(0o755);
    expect(await readlink(join(path, 'deps/link'))).toBe('bin/tool');
    expect((await stat(join(path, 'deps'))).mode & 0o200).toBe(0o200);
    const [key = ''] = await entries();
    expect((await stat(join(cacheRoot(), key, 'files/0/version'))).mode & 0o222).toBe(0);
    await release();
  });

  it('is never written by whoever works in a workspace', async () => {
    const first = await open();
    await writeFile(join(first.path, 'deps/bin/tool'), 'planted');
    await writeFile(join(first.path, 'deps/bin/node'), 'planted');
    await mkdir(join(first.path, 'other'));
    await writeFile(join(first.path, 'other/planted'), '');
    await first.release();
    const { path, release } = await open();
    expect(await readdir(join(path, 'deps/bin'))).toEqual(['tool']);
    expect(await readFile(join(path, 'deps/bin/tool'), 'utf8')).toBe('echo tool\n');
    expect(await readdir(path)).not.toContain('other');
    const [key = ''] = await entries();
    expect(await readdir(join(cacheRoot(), key, 'files/0/bin'))).toEqual(['tool']);
    await release();
  });

  it('is filled once by several that ask at once, in this process and in others', async () => {
    const other = kit.workspaces(git);
    const opened = await Promise.all([open(), open(), other.open(order(base)), other.open(order(base))]);
    expect(await timesRun()).toBe(1);
    expect(new Set(opened.map(({ env }) => env['PORT'])).size).toBe(4);
    await Promise.all(opened.map((workspace) => workspace.release()));
  });

  it('does not wait for a lock whose owner died', async () => {
    await (await open()).release();
    const [key = ''] = await entries();
    await rm(join(cacheRoot(), key, 'entry.json'));
    const ended = promisify(execFile)('true');
    await ended;
    await writeFile(join(cacheRoot(), `${key}.lock`), `${ended.child.pid}.1`);
    expect(await look('deps/version')).toMatchObject({ cached: false });
    expect(await readdir(cacheRoot())).toEqual([key]);
  });

  it('waits for a lock whose owner lives, and stops waiting when told to', async () => {
    await (await open()).release();
    const [key = ''] = await entries();
    await rm(join(cacheRoot(), key, 'entry.json'));
    const mark = (await readFile(`/proc/${process.ppid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[19];
    await writeFile(join(cacheRoot(), `${key}.lock`), `${process.ppid}.${mark}`);
    const controller = new AbortController();
    const waiting = rejection(open(base, { signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    controller.abort(new Error('told to stop'));
    expect(await waiting).toBe('told to stop');
    expect(await timesRun()).toBe(1);
  });

  it.each([
    ['its marker', (entry: string) => rm(join(entry, 'entry.json'))],
    ['a marker that can be read', (entry: string) => writeFile(join(entry, 'entry.json'), '{"kilo')],
    [
      'a folder',
      async (entry: string) => {
        await promisify(execFile)('chmod', ['-R', 'u+w', entry]);
        await rm(join(entry, 'files/0'), { recursive: true });
      },
    ],
  ])('builds an entry again that lost %s', async (_, damage) => {
    await (await open()).release();
    const [key = ''] = await entries();
    await damage(join(cacheRoot(), key));
    expect(await look('deps/version')).toEqual({ content: '1\n', cached: false });
    expect(await look('deps/version')).toEqual({ content: '1\n', cached: true });
    expect(await timesRun()).toBe(2);
  });

  it('removes what processes that died left behind', async () => {
    await mkdir(join(cacheRoot(), '.new-999999999.1-abc'), { recursive: true });
    await mkdir(join(cacheRoot(), '.trash-999999999.1-abc'));
    await (await open()).release();
    expect(await readdir(cacheRoot())).toEqual(await entries());
  });

  it('forgets what was used longest ago when it grows too large', async () => {
    setup = { ...setup, commands: [`${COMMAND} && head -c 600000 /dev/urandom > deps/big`] };
    const workspaces = kit.workspaces(git, 'worker', 1);
    const made: string[] = [];
    for (const version of ['a', 'b', 'c']) {
      const commit = await kit.candidate(git, base, { write: { lock: version } });
      const before: string[] = await entries().catch(() => []);
      await (await workspaces.open(order(commit))).release();
      made.push(...(await entries()).filter((key) => !before.includes(key)));
      // The clock of a file system may be coarse.
      for (const [age, key] of made.entries())
        await utimes(join(cacheRoot(), key, 'used'), age, age).catch(() => undefined);
    }
    expect(await entries()).toEqual([made[2]]);
  });
});

describe('the commands', () => {
  it('run in a clean checkout that no agent wrote in', async () => {
    const first = await open(base, { setup: null });
    await writeFile(join(first.path, 'lock'), 'planted\n');
    await first.release();
    expect(await look('deps/version')).toEqual({ content: '1\n', cached: false });
  });

  it('run on a trusted commit with the same inputs, so that a candidate prepares nothing for others', async () => {
    const candidate = await kit.candidate(git, base, { write: { code: 'planted\n' } });
    expect((await look('deps/code', candidate, { trusted: [base] })).content).toBe('base\n');
    expect(await look('deps/code')).toEqual({ content: 'base\n', cached: true });
  });

  it('run on a candidate with other inputs for that candidate alone', async () => {
    const write = { lock: '2\n', code: 'planted\n' };
    const first = await kit.candidate(git, base, { write });
    const second = await kit.candidate(git, base, { write: { ...write, code: 'mine\n' } });
    expect((await look('deps/code', first, { trusted: [base] })).content).toBe('planted\n');
    expect((await look('deps/code', second, { trusted: [base] })).content).toBe('mine\n');
    expect(await look('deps/code', first, { trusted: [base] })).toMatchObject({ cached: true });
  });

  it('know only variables that are the same in every workspace', async () => {
    expect((await look('deps/known')).content).toBe('all:\n');
  });

  it.each([
    [
      'fails',
      'echo tried >&2; echo "no such package"; exit 3',
      /`.*` ended with exit code 3.*no such package/s,
    ],
    ['takes too long', 'echo begun; sleep 60', /was not done when the 1 s of the set-up were over.*begun/s],
    ['makes nothing', 'true', /made nothing at deps.*Correct caches/],
    ['makes a link', 'ln -s /etc deps', /something else than a folder at deps/],
  ])('are named with their output when one of them %s', async (_, command, text) => {
    setup = { ...setup, commands: [command], timeout: command.includes('sleep') ? 1 : 60 };
    expect(await rejection(open())).toMatch(text);
    expect(await readdir(cacheRoot())).toEqual([]);
    setup = { ...setup, commands: [COMMAND], timeout: 60 };
    expect(await look('deps/version')).toMatchObject({ cached: false });
  });

  it('end when the workspace is no longer wanted', async () => {
    const controller = new AbortController();
    setup = { ...setup, commands: [`echo run >> "$RUNS"; sleep 60`] };
    const opening = rejection(open(base, { signal: controller.signal }));
    while ((await timesRun()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(new Error('told to stop'));
    expect(await opening).toBe('told to stop');
    expect(await readdir(cacheRoot())).toEqual([]);
  });
});

describe('folders', () => {
  it.each([
    ['../deps', /must be relative/],
    ['/tmp/deps', /must be relative/],
    ['.git/hooks', /must be relative/],
    ['away/deps', /lies behind away/],
    ['src', /tracks src\/a/],
  ])('%s is refused', async (place, text) => {
    const outside = await mkdtemp(join(kit.folder.path, 'outside-'));
    const workspace = await kit.workspace(git, base);
    await symlink(outside, join(workspace.path, 'away'));
    await mkdir(join(workspace.path, 'src'));
    await writeFile(join(workspace.path, 'src/a'), '');
    const { commit } = await workspace.commit(message('A link'));
    await workspace.release();
    setup = { ...setup, caches: [place], commands: [`mkdir -p ${place}`] };
    expect(await rejection(open(commit))).toMatch(text);
    expect(await readdir(outside)).toEqual([]);
  });

  it('that lie in each other, and commands without any, are refused', async () => {
    setup = { ...setup, caches: ['deps', 'deps/bin'] };
    expect(await rejection(open())).toMatch(/deps\/bin .*lies in deps/);
    setup = { ...setup, caches: [] };
    expect(await rejection(open())).toMatch(/names no folder in caches/);
  });

  it('never become part of a candidate, whatever the ignore files say', async () => {
    setup = { ...setup, envFile: 'local.env' };
    const workspace = await open();
    await writeFile(join(workspace.path, '.gitignore'), '!deps/\n!deps/**\n!local.env\n');
    await writeFile(join(workspace.path, 'deps/planted'), '');
    await mkdir(join(workspace.path, 'deps/package'));
    await promisify(execFile)('git', ['init', '-q', join(workspace.path, 'deps/package')]);
    await writeFile(join(workspace.path, 'new'), '');
    const { commit } = await workspace.commit(message('Work'));
    await workspace.release();
    const changed = await git.diff({ repositoryId: REPOSITORY, from: base, to: commit });
    expect(changed.map(({ path }) => path)).toEqual(['.gitignore', 'new']);
  });
});

it('does not show the folders as work to whoever asks git in the workspace', async () => {
  const commit = await kit.candidate(git, base, { write: { '.gitignore': '' } });
  const workspace = await open(commit, { setup: { ...setup, envFile: 'local [a].env' } });
  const { stdout } = await promisify(execFile)('git', ['status', '--porcelain'], { cwd: workspace.path });
  expect(stdout).toBe('');
  await workspace.release();
});

describe('the environment', () => {
  it('gives every workspace in use ports and a suffix of its own, and again once it is free', async () => {
    const [first, second] = [await open(), await open(base, { setup: null })];
    expect(first.env).toMatchObject({
      PLANWRIGHT_SLOT: '0',
      PORT: '42000',
      PLANWRIGHT_PORT_BASE: '42000',
      OWN: 'http://127.0.0.1:42000/',
      COMMON: 'all',
    });
    expect(second.env).toMatchObject({ PLANWRIGHT_SLOT: '1', PORT: '42020' });
    expect(first.env['PLANWRIGHT_DB_SUFFIX']).toMatch(/^[a-z][a-z0-9_]{1,15}$/);
    expect(second.env['PLANWRIGHT_DB_SUFFIX']).not.toBe(first.env['PLANWRIGHT_DB_SUFFIX']);
    await first.release();
    const third = await open();
    expect(third.env).toEqual(first.env);
    await Promise.all([second.release(), third.release()]);
  });

  it('is apart from that of another repository of the same worker', async () => {
    const origin = await createOrigin(await kit.folder.next('origin'), FILES);
    const { commit } = await git.importBase({ repositoryId: 'repo-2', origin, base: null });
    const [one, two] = [await open(), await open(commit, { repositoryId: 'repo-2' })];
    expect(one.env['PORT']).not.toBe(two.env['PORT']);
    await Promise.all([one.release(), two.release()]);
  });

  it('names a variable that refers to what does not exist', async () => {
    setup = { ...setup, env: { DB: 'x${PLANWRIGHT_DB}' } };
    expect(await rejection(open())).toMatch(/DB .*PLANWRIGHT_DB\}.* Use .*PLANWRIGHT_DB_SUFFIX/);
  });

  it('is written to the file that is asked for, which a link cannot lead away', async () => {
    setup = { ...setup, envFile: 'app/.env', env: { ...setup.env, TEXT: 'a "b"\nc' } };
    const workspace = await open();
    const text = await readFile(join(workspace.path, 'app/.env'), 'utf8');
    expect(text).toContain('PLANWRIGHT_SLOT=0\n');
    expect(text).toContain('OWN=http://127.0.0.1:42000/\n');
    expect(text).toContain('TEXT="a \\"b\\"\\nc"\n');
    await workspace.release();
  });
});

it('leaves the workspace to others when it cannot be prepared', async () => {
  setup = { ...setup, commands: ['false'] };
  await rejection(open());
  const workspace = await open(base, { setup: null });
  expect(workspace.env['PLANWRIGHT_SLOT']).toBe('0');
  await expect(access(join(workspace.path, 'deps'))).rejects.toThrow();
  await workspace.release();
});
