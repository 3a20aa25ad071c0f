import type { CheckRun, ChecksPort } from '#engine/ports/checks.port.js';
import { runProcess, type ProcessResult } from '#sandbox/process-runner.js';
import { scrubbedEnvironment } from '#sandbox/scrubbed-environment.js';
import { withThrowAwayFolder } from '#sandbox/throw-away-folder.js';

export interface ChecksConfig {
  /** PATH of the commands. */
  readonly path: string;
  /** Where throw-away home folders are made. */
  readonly tempRoot: string;
  /** Default 64 MiB. */
  readonly outputLimitBytes?: number;
  /** Further variables that every check may know. */
  readonly environment?: Readonly<Record<string, string>>;
}

const DEFAULT_OUTPUT_LIMIT = 64 * 1024 * 1024;

/** Runs checks as untrusted processes: what they execute was written by the agent that is being judged. */
export function createChecks(config: ChecksConfig): ChecksPort {
  return {
    run: ({ check, cwd, env, signal }) =>
      withThrowAwayFolder(config.tempRoot, 'check', async ({ home, tmp }) => {
        const result = await runProcess({
          run: { command: check.run },
          cwd,
          env: scrubbedEnvironment({
            path: config.path,
            home,
            tmp,
            extra: { ...config.environment, ...env },
          }),
          timeoutMs: check.timeoutMs,
          outputLimitBytes: config.outputLimitBytes ?? DEFAULT_OUTPUT_LIMIT,
          signal,
        });
        if (result.kind === 'aborted') throw signal.reason;
        return toCheckRun(result);
      }),
  };
}

function toCheckRun(result: Exclude<ProcessResult, { kind: 'aborted' }>): CheckRun {
  if (result.kind === 'not_started') return result;
  if (result.kind !== 'exited') return result as Extract<CheckRun, { kind: 'timed_out' | 'output_limit' }>;
  const { exitCode, signal, output, durationMs } = result;
  // POSIX: the shell found no such command, or may not execute it. Tools that wrap a shell hand the code on.
  if (exitCode === 126 || exitCode === 127) {
    const reason = output.trim().split('\n').at(-1) ?? '';
    return { kind: 'not_started', reason: reason === '' ? `exit code ${exitCode}` : reason };
  }
  if (exitCode !== null) return { kind: 'finished', exitCode, output, durationMs };
  return { kind: 'finished', exitCode: 1, output: `${output}\nended by ${signal ?? 'a signal'}`, durationMs };
}
