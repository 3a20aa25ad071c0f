import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSandbox, type SandboxOptions } from '#sandbox/sandbox.js';
import { runProcess } from '#sandbox/process-runner.js';
import { RunnerProcess } from '#sandbox/runner-process.js';
import { POLICIES } from '#sandbox/sandbox-policy.js';
import { compare, timed, type BenchRecord } from './record.js';

const RUNNER = fileURLToPath(new URL('../libs/sandbox/runner-main.js', import.meta.url));
const ROUNDS = 200;
const BASELINE = '/bin/sh -c true';
const SEARCH = '/usr/local/bin:/usr/bin:/bin';
const LIMITS = { timeoutMs: 20_000, outputLimitBytes: 1_000_000 };

/** What the runner, and the sandbox on top of it, add to the start and end of a process that does nothing. */
export async function sandboxSuite(
  print: (record: BenchRecord) => void,
  only: readonly string[],
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'planwright-bench-'));
  const cwd = path.join(folder, 'workspace');
  const bare = () => bareSpawn(cwd);
  const aside = new RunnerProcess(RUNNER);
  try {
    await mkdir(cwd);
    const cases: Readonly<Record<string, () => Promise<unknown>>> = {
      bare,
      runner: () => runOnce(cwd),
      open: await inSandbox(folder, cwd, { mode: 'off' }),
      bubblewrap: await inSandbox(folder, cwd, { mode: 'required' }),
      'open-aside': await inSandbox(folder, cwd, { mode: 'off', start: (request) => aside.run(request) }),
      'bubblewrap-aside': await inSandbox(folder, cwd, {
        mode: 'required',
        start: (request) => aside.run(request),
      }),
    };
    for (const [name, work] of Object.entries(cases)) {
      if (only.length > 0 && !only.includes(name)) continue;
      const own: number[] = [];
      const baseline: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        baseline.push(await timed(bare));
        own.push(await timed(work));
      }
      print(
        compare({ suite: 'sandbox', case: name, backend: 'process', baseline: BASELINE }, 0.5, own, baseline),
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bareSpawn(cwd: string): Promise<void> {
  const child = spawn('/bin/sh', ['-c', 'true'], { cwd, env: { PATH: SEARCH } });
  await once(child, 'exit');
}

function runOnce(cwd: string): Promise<unknown> {
  return runProcess({ run: { command: 'true' }, cwd, env: { PATH: SEARCH }, ...LIMITS });
}

async function inSandbox(
  folder: string,
  cwd: string,
  options: Pick<SandboxOptions, 'mode' | 'start'>,
): Promise<() => Promise<unknown>> {
  const tempRoot = path.join(folder, 'tmp');
  const sandbox = await openSandbox({ ...options, path: SEARCH, tempRoot, secret: [] });
  return async () => {
    const result = await sandbox.run({ policy: POLICIES.command, run: { command: 'true' }, cwd, ...LIMITS });
    if (result.kind !== 'exited') throw new Error(JSON.stringify(result));
  };
}
