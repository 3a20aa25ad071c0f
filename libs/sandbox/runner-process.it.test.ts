import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { compiled, eventually, isAlive, runScript } from '#testing/processes.js';
import { DEFAULT_LIMITS } from './limits.js';
import type { ProcessRequest } from './process-runner.js';
import { readProcessTable } from './process-table.js';
import { RunnerProcess } from './runner-process.js';

const ENTRY = resolve('dist/libs/sandbox/runner-main.js');
let folder: string;
let runner: RunnerProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-process-'));
  runner = new RunnerProcess(ENTRY);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function request(command: string, rest: Partial<ProcessRequest> = {}): ProcessRequest {
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin' };
  return { run: { command }, cwd: folder, env, timeoutMs: 20_000, outputLimitBytes: 1_000_000, ...rest };
}

function pidIn(file: string): number {
  try {
    return Number(readFileSync(join(folder, file), 'utf8'));
  } catch {
    return 0;
  }
}

test('runs side by side get each their own result', async () => {
  const codes = [0, 1, 2, 3, 4, 5, 6, 7];
  const results = await Promise.all(codes.map((code) => runner.run(request(`echo o${code}; exit ${code}`))));
  expect(results).toEqual(
    codes.map((code) => expect.objectContaining({ kind: 'exited', exitCode: code, output: `o${code}\n` })),
  );
});

test('what a run prints is told while it runs', async () => {
  let seen = '';
  const result = await runner.run(
    request('echo begun; until [ -e go ]; do sleep 0.02; done; echo end', {
      onOutput: (piece) => {
        seen += piece;
        if (seen === 'begun\n') writeFileSync(join(folder, 'go'), '');
      },
    }),
  );
  expect([result.kind, seen]).toEqual(['exited', 'begun\nend\n']);
});

/** What a command sees, and how it ends, does not depend on whether its shell was there before it. */
describe('a command', () => {
  const told = async (command: string, rest: Partial<ProcessRequest> = {}) => {
    await runner.run(request('true'));
    return runner.run(request(command, rest));
  };

  test('begins in its folder with just its environment, and with nothing to read', async () => {
    const env = { PATH: '/usr/bin:/bin', QUOTED: `it's "a" $HOME \\ \n\n%s`, EMPTY: '' };
    const result = await told('cat; pwd; env -0 | sort -z | tr "\\0" "|"; echo "$QUOTED"', { env });
    const lines = [`EMPTY=|PATH=${env.PATH}|`, `PWD=${folder}|QUOTED=${env.QUOTED}|`];
    expect(result).toMatchObject({ kind: 'exited', exitCode: 0 });
    const { output } = result as { output: string };
    expect(output.startsWith(`${folder}\n`)).toBe(true);
    expect(output.replace(/PLANWRIGHT_RUN=[^|]*\|/, '')).toBe(
      `${folder}\n${lines[0]}${lines[1]}${env.QUOTED}\n`,
    );
  });

  test.each<[string, string, number, RegExp, Record<string, string>?]>([
    ['several lines', `echo 'a\nb'\ncat <<END\nit's "$PATH"\nEND\nfalse`, 1, /^a\nb\nit's "\/usr.*\n$/],
    ['its own end', 'echo x; exit 7; echo y', 7, /^x\n$/],
    ['what is no line at all', `echo "`, 2, /[Ss]yntax|[Uu]nterminated|unexpected/],
    ['what ends the line early', `}; ) ; echo no`, 2, /[Ss]yntax|unexpected/],
    ['a trap', `trap 'echo bye' EXIT; echo hi`, 0, /^hi\nbye\n$/],
    ['one that is missing', 'there-is-no-such-program', 127, /not found/],
    ['a variable that means something to the shell', 'echo done', 0, /^done\n$/, { IFS: 'o', PS4: 'x' }],
  ])('may be %s', async (_, command, exitCode, output, more = {}) => {
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin', ...more };
    expect(await told(command, { env })).toMatchObject({
      ...{ kind: 'exited', exitCode },
      output: expect.stringMatching(output),
    });
  });

  test('without its folder does not start', async () => {
    const cwd = join(folder, 'gone');
    expect(await told('true', { cwd })).toEqual({ kind: 'not_started', reason: `there is no folder ${cwd}` });
  });

  test('takes along whatever it leaves behind, even outside of its group', async () => {
    await told('setsid sh -c "echo \\$\\$ > pid; sleep 60" & while [ ! -s pid ]; do sleep 0.01; done');
    expect(isAlive(pidIn('pid'))).toBe(false);
  });

  test('whose shell was killed before it came is carried out by another', async () => {
    await runner.run(request('echo $PPID > runner'));
    let waiting = 0;
    await eventually('a shell that waits', () => (waiting = childOf(pidIn('runner'))) > 0);
    process.kill(waiting, 'SIGKILL');
    await eventually('its end', () => !isAlive(waiting) && childOf(pidIn('runner')) === 0);
    expect(await runner.run(request('echo again'))).toMatchObject({ kind: 'exited', output: 'again\n' });
  });

  test('finds nothing of the one before it: folder, variables, functions, limits, traps, input', async () => {
    const first = await runner.run(
      request('cd /; A=1; export B=2; f() { :; }; umask 777; ulimit -n 8; trap "echo no" EXIT TERM; echo $$'),
    );
    const second = await runner.run(
      request('echo "$A$B" $(umask) $(ulimit -n); pwd; trap; f; cat; readlink /proc/self/fd/*; echo $$'),
    );
    const [own, ...told] = [(first as { output: string }).output.split('\n')[0], second];
    const { output } = told[0] as { output: string };
    expect(output).toMatch(new RegExp(`^ 0?0\\d\\d (?!8\\b)\\S+\n${folder}\n`));
    expect(output).toMatch(/f: not found/);
    // The same shell: nothing of the first was left.
    expect(output.trimEnd().split('\n').at(-1)).toBe(own);
  });

  test.each([
    ['in its group', '(sleep 0.4; echo late) &'],
    ['outside of it, with its mark', 'setsid sleep 60 &'],
    ['with nothing but its output', `setsid env -i sh -c 'sleep 0.4; echo late' &`],
  ])('that leaves a process %s takes its shell along', async (_, command) => {
    const first = await runner.run(request(`${command} echo $$`));
    const next = await runner.run(request('echo $$; sleep 0.6; echo end'));
    const [used] = (first as { output: string }).output.split('\n');
    const { output } = next as { output: string };
    expect(output).toMatch(/^\d+\nend\n$/);
    expect(output.split('\n')[0]).not.toBe(used);
  });

  test('that kills its shell ends by that signal, and keeps what it printed', async () => {
    const result = await told('echo before; kill -9 $$; echo after');
    expect(result).toMatchObject({ kind: 'exited', exitCode: null, signal: 'SIGKILL' });
    expect(result).toHaveProperty('output', expect.stringMatching(/^before\n/));
    expect(await runner.run(request('echo again'))).toMatchObject({ kind: 'exited', output: 'again\n' });
  });

  test('is held to its own use of the processor, not to that of the one before it', async () => {
    const limits = { ...DEFAULT_LIMITS, cpuSeconds: 1 };
    const burn = 'echo $$ > pid; while [ ! -e stop ]; do :; done';
    const burning = runner.run(request(burn, { limits: { ...limits, cpuSeconds: 60 } }));
    const used = () => readProcessTable().find(({ parent }) => parent === pidIn('pid'))?.cpuSeconds ?? 0;
    await eventually('more than the limit of the next one', () => used() > limits.cpuSeconds);
    writeFileSync(join(folder, 'stop'), '');
    await burning;
    expect(await runner.run(request('sleep 0.6', { limits }))).toMatchObject({ kind: 'exited', exitCode: 0 });
    rmSync(join(folder, 'stop'));
    const over = await runner.run(request(burn, { limits }));
    expect(over).toMatchObject({ kind: 'limit_exceeded', limit: { name: 'cpu' } });
  });

  test('that is stopped has its time to end', async () => {
    const controller = new AbortController();
    const command = `exec sh -c 'trap "sleep 0.2; echo saved; exit" TERM; echo begun; while :; do sleep 0.02; done'`;
    const onOutput = () => controller.abort();
    const result = await told(command, { signal: controller.signal, graceMs: 5_000, onOutput });
    expect(result).toMatchObject({ kind: 'aborted', output: expect.stringMatching(/^begun\n[^]*saved\n$/) });
  });

  test('may print what looks like the end of its output', async () => {
    const command =
      'printf "a\\0b\\0%s 0\\n" "$PLANWRIGHT_RUN"; tr "\\0" x < /proc/$$/environ | cut -c1-14; printf "\\0"; exit 3';
    const result = await told(command);
    expect(result).toMatchObject({
      kind: 'exited',
      exitCode: 3,
      output: expect.stringMatching(/^a\0b\0\S+ 0\nPLANWRIGHT_RUN\n\0$/),
    });
  });
});

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

test('an abort reaches what runs; before the start nothing starts', async () => {
  const controller = new AbortController();
  const running = runner.run(
    request('sleep 60 & echo $! > pid; wait', { signal: controller.signal, graceMs: 200 }),
  );
  await eventually('the start', () => pidIn('pid') > 0);
  controller.abort();
  expect(await running).toMatchObject({ kind: 'aborted' });
  expect(isAlive(pidIn('pid'))).toBe(false);
  expect(await runner.run(request('true', { signal: controller.signal }))).toMatchObject({ kind: 'aborted' });
});

test('what it starts sees nothing of our environment, nor does the runner process hold any', async () => {
  process.env['PLANWRIGHT_SECRET_FOR_TEST'] = 'hunter2';
  const result = await runner.run(request('env; cat /proc/$PPID/environ'));
  delete process.env['PLANWRIGHT_SECRET_FOR_TEST'];
  expect(result).toMatchObject({ kind: 'exited', exitCode: 0, output: expect.not.stringMatching(/hunter2/) });
});

test('when it dies its runs fail and end, and the next run has a new one', async () => {
  const running = runner.run(request('echo $PPID > runner; sleep 60 & echo $! > pid; wait'));
  await eventually('the start', () => pidIn('runner') > 0 && pidIn('pid') > 0);
  process.kill(pidIn('runner'), 'SIGKILL');
  await expect(running).rejects.toThrow(/SIGKILL/);
  expect(isAlive(pidIn('pid'))).toBe(false);
  expect(await runner.run(request('echo again'))).toMatchObject({ kind: 'exited', output: 'again\n' });
});

test('a killed parent takes it along with all that it runs, and an idle one keeps nobody from ending', async () => {
  const source = (command: string) => `
    const { RunnerProcess } = await import(${JSON.stringify(compiled('libs/sandbox/runner-process.js'))});
    const runner = new RunnerProcess(${JSON.stringify(ENTRY)});
    const result = await runner.run(${JSON.stringify(request(command))});
    process.send(result, () => process.disconnect());`;
  const parent = runScript(source('echo $PPID > runner; sleep 60 & echo $! > pid; wait'));
  await eventually('the start', () => pidIn('runner') > 0 && pidIn('pid') > 0);
  await parent.kill();
  await eventually('the end of both', () => !isAlive(pidIn('runner')) && !isAlive(pidIn('pid')));
  const idle = runScript(source('true'));
  expect(await idle.message).toMatchObject({ kind: 'exited', exitCode: 0 });
  await eventually('its end', () => !isAlive(idle.pid));
});
