import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isolatedSandbox, testSandbox } from '#testing/sandbox.js';
import type { Sandbox, UntrustedRun } from './sandbox.js';
import { POLICIES } from './sandbox-policy.js';

let home: string;
let workspace: string;
let sandbox: Sandbox;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'planwright-home-'));
  workspace = join(home, 'workers/executor/pools/executor/r/1/tree');
  for (const folder of [workspace, join(home, 'hubs/r.git'), join(home, 'postgres')])
    mkdirSync(folder, { recursive: true });
  writeFileSync(join(home, 'token'), 'SECRET');
  writeFileSync(join(home, 'postgres/password'), 'SECRET');
  writeFileSync(join(home, 'hubs/r.git/config'), 'SECRET');
  sandbox = await isolatedSandbox({
    secret: [home],
    limits: { memoryBytes: 300_000_000, processes: 60, diskBytes: 50_000_000 },
  });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function run(command: string, rest: Partial<UntrustedRun> = {}, held = sandbox) {
  return held.run({
    policy: POLICIES.check,
    run: { command },
    cwd: workspace,
    timeoutMs: 30_000,
    outputLimitBytes: 5_000_000,
    graceMs: 300,
    ...rest,
  });
}

async function outputOf(command: string, rest: Partial<UntrustedRun> = {}): Promise<string> {
  const result = await run(command, rest);
  if (!('output' in result)) throw new Error(JSON.stringify(result));
  return result.output;
}

/** True if a process of this machine has the text in its command line. */
function runs(text: string): boolean {
  return readdirSync('/proc').some((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(text);
    } catch {
      return false;
    }
  });
}

test('the workspace is writable at its own path, home and temporary folder are its own', async () => {
  const result = await run('echo made > here; echo "$HOME $TMPDIR $PWD"; touch "$HOME/a" "$TMPDIR/b"');
  expect(result).toMatchObject({ kind: 'exited', exitCode: 0, sandbox: 'bubblewrap' });
  expect(result).toMatchObject({ output: `/home/agent /tmp ${workspace}\n` });
  expect(readFileSync(join(workspace, 'here'), 'utf8')).toBe('made\n');
});

test('no secret of the machine can be read, by path, link or traversal', async () => {
  const paths = ['token', 'postgres/password', 'hubs/r.git/config'].map((name) => join(home, name));
  symlinkSync(join(home, 'token'), join(workspace, 'link'));
  symlinkSync('../../../../../../../token', join(workspace, 'up'));
  const hostile = [
    ...paths,
    'link',
    'up',
    '../../../../../../../token',
    '/etc/shadow',
    `${homedir()}/.ssh/id_rsa`,
  ];
  for (const path of hostile) {
    expect(await run(`cat ${path}`)).toMatchObject({ kind: 'exited', exitCode: 1 });
  }
  expect(await outputOf(`ls -A ${home} ${home}/workers`)).not.toMatch(/token|postgres|hubs/);
  expect(await outputOf('ls /home; ls /root /var /run/docker.sock /sys /mnt 2>&1')).not.toMatch(
    /^(?!agent|ls: ).+/m,
  );
});

test('of /etc it sees names and certificates as they are, and nothing that is not for everybody', async () => {
  expect(await outputOf('cat /etc/passwd')).toBe(readFileSync('/etc/passwd', 'utf8'));
  expect(await outputOf('ls -A /etc')).not.toMatch(/shadow|sudoers|ssh|fstab/);
  expect(await outputOf('find -L /etc -type f ! -perm -004; ls /etc/ssl/private')).not.toMatch(/^\/etc/m);
});

test('a file below /etc that the person lists is shown where it is', async () => {
  const held = await isolatedSandbox({ readable: '/etc/fstab' });
  expect(await run('cat /etc/fstab && ls -A /etc', {}, held)).toMatchObject({
    exitCode: 0,
    output: expect.stringMatching(/^passwd$/m),
  });
});

test.each(['/usr/x', '/etc/x', '/x', '/dev/x', '/opt/x'])('%s cannot be written', async (path) => {
  expect(await outputOf(`touch ${path}; echo $?`)).toMatch(/1\n$/);
});

test('the folders of Planwright beside the workspace cannot be written', async () => {
  const command = `touch ../index ${home}/hubs/r.git/x ${home}/token; echo x >> ${home}/hubs/r.git/config; echo done`;
  expect(await outputOf(command)).toMatch(/done/);
  expect(readdirSync(join(workspace, '..'))).toEqual(['tree']);
  expect(readdirSync(join(home, 'hubs/r.git'))).toEqual(['config']);
  expect(readFileSync(join(home, 'token'), 'utf8')).toBe('SECRET');
});

test('it is nobody special: no rights, no way to more, no user namespace of its own', async () => {
  const status = await outputOf('cat /proc/self/status; id -u; unshare -U true; echo "unshare $?"');
  expect(status).toMatch(/CapEff:\s+0+\n/);
  expect(status).toMatch(/CapBnd:\s+0+\n/);
  expect(status).toMatch(/NoNewPrivs:\s+1/);
  expect(status).not.toMatch(/^0$/m);
  expect(status).toMatch(/unshare 1/);
});

test('settings of the kernel cannot be opened for writing', async () => {
  // Opened to append, nothing is written: a sandbox with a hole must not change the machine that finds it.
  for (const name of ['sys/kernel/core_pattern', 'sys/kernel/pid_max', 'sysrq-trigger', 'sys/vm/swappiness'])
    expect(await outputOf(`(: >> /proc/${name}) && echo open`)).not.toMatch(/^open$/m);
});

test('it sees no process but its own, and no variable of ours', async () => {
  process.env['PLANWRIGHT_SECRET_FOR_TEST'] = 'hunter2';
  const seen = await outputOf('cat /proc/[0-9]*/environ; echo; ls -d /proc/[0-9]* | wc -l');
  delete process.env['PLANWRIGHT_SECRET_FOR_TEST'];
  expect(seen).not.toMatch(/hunter2|DATABASE_URL|PLANWRIGHT_TEST_POSTGRES/);
  expect(Number(seen.trim().split('\n').at(-1))).toBeLessThan(6);
});

describe('the network', () => {
  let server: Server;
  let port: number;
  beforeAll(async () => {
    server = createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as { port: number }).port;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const connect = () =>
    `${process.execPath} -e 'require("net").connect(${port}, "127.0.0.1").on("data", (d) => console.log(String(d))).on("error", (e) => console.log(e.code))'`;

  test('is off for checks: not even the services of this machine answer', async () => {
    expect(await outputOf(connect())).toMatch(/ECONNREFUSED|ENETUNREACH/);
  });
  test("is open for a person's commands", async () => {
    expect(await outputOf(connect(), { policy: POLICIES.command })).toBe('hello\n');
  });
});

describe('limits', () => {
  test('processes: those that multiply, hide and let go of their streams are all killed', async () => {
    // Bounded, so that a limit that does not hold cannot take the machine down with it.
    const many =
      'i=0; while [ $i -lt 120 ]; do setsid sleep 4323 </dev/null >/dev/null 2>&1 & i=$((i+1)); done; sleep 25';
    expect(await run(many)).toMatchObject({
      kind: 'limit_exceeded',
      limit: { name: 'processes', limit: 60, message: expect.stringMatching(/the limit is 60 processes/) },
    });
    expect(runs('sleep\x004323')).toBe(false);
  });
  test('processes: those that double are killed on a busy machine as well', async () => {
    // At most 63 processes and two that keep the machine busy.
    const bomb = 'f() { [ $1 -gt 0 ] && { f $(($1-1)) & f $(($1-1)) & }; exec sleep 4324; }; f 5';
    const few = await isolatedSandbox({ limits: { processes: 50 } });
    const busy = [1, 2].map(() => spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }));
    try {
      expect(await run(bomb, {}, few)).toMatchObject({
        kind: 'limit_exceeded',
        limit: { name: 'processes', limit: 50 },
      });
      expect(runs('sleep\x004324')).toBe(false);
    } finally {
      for (const child of busy) child.kill('SIGKILL');
    }
  });
  test('memory', async () => {
    const hog = `${process.execPath} -e 'const a=[]; setInterval(() => a.push(Buffer.alloc(2e7, 1)), 5)'`;
    expect(await run(hog)).toMatchObject({
      kind: 'limit_exceeded',
      limit: { name: 'memory', message: expect.stringMatching(/MiB of memory; the limit is 286\.1 MiB/) },
    });
  });
  test('disk, in many files as in one', async () => {
    const many = 'i=0; while :; do head -c 4000000 /dev/zero > f$i; i=$((i+1)); done';
    expect(await run(many)).toMatchObject({ limit: { name: 'disk' } });
    expect(await run('head -c 90000000 /dev/zero > one')).toMatchObject({ limit: { name: 'disk' } });
    expect(await outputOf('head -c 40000000 /dev/zero > f; rm -f f* one; echo fine')).toBe('fine\n');
  });
  test('output', async () => {
    expect(await run('yes')).toMatchObject({ kind: 'output_limit' });
  });
  test('time: whoever cleans up may, whoever ignores SIGTERM is killed', async () => {
    const polite = `trap 'echo cleaned; exit 0' TERM; while :; do sleep 0.05; done`;
    expect(await run(polite, { timeoutMs: 500, graceMs: 5_000 })).toMatchObject({
      kind: 'timed_out',
      output: expect.stringMatching(/cleaned\n$/),
    });
    expect(await run(`trap '' TERM; while :; do sleep 1; done`, { timeoutMs: 500 })).toMatchObject({
      kind: 'timed_out',
    });
  });
});

test('nothing outlives a run: neither what left its group nor what wiped its environment and streams', async () => {
  const started = performance.now();
  const hide = 'setsid env -i sleep 4321 </dev/null >/dev/null 2>&1 & sleep 0.1; echo done';
  expect(await run(hide)).toMatchObject({ kind: 'exited', exitCode: 0, output: 'done\n' });
  expect(performance.now() - started).toBeLessThan(20_000);
  expect(runs('sleep\x004321')).toBe(false);
});

test('an abort ends what hides as well', async () => {
  const controller = new AbortController();
  const running = run('setsid env -i sleep 4322 & sleep 60', { signal: controller.signal });
  for (let tries = 0; tries < 200 && !runs('sleep\x004322'); tries += 1) await sleep(20);
  controller.abort();
  expect(await running).toMatchObject({ kind: 'aborted' });
  expect(runs('sleep\x004322')).toBe(false);
});

test('what the person lists can be read; a home folder or the data folder cannot be listed', async () => {
  const extra = mkdtempSync(join(tmpdir(), 'extra-'));
  writeFileSync(join(extra, 'file'), 'content');
  const held = await isolatedSandbox({ readable: extra });
  expect(await run(`cat ${extra}/file; touch ${extra}/new`, {}, held)).toMatchObject({
    output: expect.stringMatching(/^content/),
  });
  expect(readdirSync(extra)).toEqual(['file']);
  rmSync(extra, { recursive: true });
  for (const readable of [homedir(), home, join(home, 'hubs'), '/', '/no/such/path'])
    await expect(testSandbox({ readable, secret: [home] })).rejects.toThrow(/PLANWRIGHT_SANDBOX_READABLE/);
});

test('a program that cannot be started inside is told apart from one that failed', async () => {
  expect(await run('', { run: { argv: ['no-such-program'] } })).toMatchObject({ kind: 'not_started' });
  expect(await run('exit 1')).toMatchObject({ kind: 'exited', exitCode: 1 });
  expect(await run('true', { cwd: '/no/such/folder' })).toMatchObject({
    kind: 'not_started',
    reason: expect.stringMatching(/bwrap: /),
  });
});

describe('where there is no bubblewrap', () => {
  const path = join(tmpdir(), 'no-programs');
  test('`required` runs nothing and says what to install', async () => {
    const held = await testSandbox({ mode: 'required', path });
    expect(await run('true', {}, held)).toMatchObject({
      kind: 'not_started',
      reason: expect.stringMatching(/bubblewrap is not installed.*bubblewrap/),
      sandbox: 'off',
    });
  });
  test("`auto` runs a person's commands without, and no agent", async () => {
    const held = await testSandbox({ mode: 'auto', path });
    expect(held.state).toMatchObject({
      isolation: 'off',
      available: false,
      remedy: expect.stringMatching(/bubblewrap/),
    });
    expect(await run('exit 0', { policy: POLICIES.command }, held)).toMatchObject({
      kind: 'exited',
      sandbox: 'off',
    });
    expect(await run('exit 0', { policy: POLICIES.agent }, held)).toMatchObject({ kind: 'not_started' });
  });
});
