import type { CheckRun, ChecksPort } from '#engine/ports/checks.port.js';
import type { Sandbox, UntrustedResult } from '#sandbox/sandbox.js';
import { POLICIES } from '#sandbox/sandbox-policy.js';

export interface ChecksConfig {
  readonly sandbox: Sandbox;
  /** Default 64 MiB. */
  readonly outputLimitBytes?: number;
  /** Further variables that every check may know. */
  readonly environment?: Readonly<Record<string, string>>;
}

const DEFAULT_OUTPUT_LIMIT = 64 * 1024 * 1024;

/** Runs checks as untrusted processes: what they execute was written by the agent that is being judged. */
export function createChecks(config: ChecksConfig): ChecksPort {
  return {
    async run({ check, cwd, env, signal }) {
      const result = await config.sandbox.run({
        policy: POLICIES.check,
        run: { command: check.run },
        cwd,
        variables: { ...config.environment, ...env },
        timeoutMs: check.timeoutMs,
        outputLimitBytes: config.outputLimitBytes ?? DEFAULT_OUTPUT_LIMIT,
        signal,
      });
      if (result.kind === 'aborted') throw signal.reason;
      return toCheckRun(result);
    },
  };
}

function toCheckRun(result: Exclude<UntrustedResult, { kind: 'aborted' }>): CheckRun {
  if (result.kind === 'not_started') return { kind: 'not_started', reason: result.reason };
  const { output, durationMs } = result;
  if (result.kind === 'limit_exceeded')
    return { kind: 'limit_exceeded', limit: result.limit.message, output, durationMs };
  if (result.kind !== 'exited')
    return { kind: result.kind as 'timed_out' | 'output_limit', output, durationMs };
  const { exitCode, signal } = result;
  // POSIX: the shell found no such command, or may not execute it. Tools that wrap a shell hand the code on.
  if (exitCode === 126 || exitCode === 127) {
    const reason = output.trim().split('\n').at(-1) ?? '';
    return { kind: 'not_started', reason: reason === '' ? `exit code ${exitCode}` : reason };
  }
  if (exitCode !== null) return { kind: 'finished', exitCode, output, durationMs };
  return { kind: 'finished', exitCode: 1, output: `${output}\nended by ${signal ?? 'a signal'}`, durationMs };
}
