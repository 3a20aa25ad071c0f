import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSandbox, type Sandbox } from '#sandbox/sandbox.js';
import { runProcess } from '#sandbox/process-runner.js';
import { POLICIES } from '#sandbox/sandbox-policy.js';
import { compare, timed, type BenchRecord } from './record.js';

const ROUNDS = 60;
const BASELINE = '/bin/sh -c true';
const SEARCH = '/usr/local/bin:/usr/bin:/bin';
const LIMITS = { timeoutMs: 20_000, outputLimitBytes: 1_000_000 };

/** What the runner, and the sandbox on top of it, add to the start and end of a process that does nothing. */
export async function sandboxSuite(
  print: (record: BenchRecord) => void,
  only: readonly string[],
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'planwright-bench-'));
  const bare = () => bareSpawn(folder);
  try {
    const cases: Readonly<Record<string, () => Promise<unknown>>> = {
      bare,
      runner: () => runOnce(folder),
      open: await inSandbox(folder, 'off'),
      bubblewrap: await inSandbox(folder, 'required'),
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

async function inSandbox(cwd: string, mode: 'off' | 'required'): Promise<() => Promise<unknown>> {
  const tempRoot = path.join(cwd, 'tmp');
  const sandbox: Sandbox = await openSandbox({ mode, path: SEARCH, tempRoot, secret: [] });
  return async () => {
    const result = await sandbox.run({ policy: POLICIES.check, run: { command: 'true' }, cwd, ...LIMITS });
    if (result.kind !== 'exited') throw new Error(JSON.stringify(result));
  };
}
