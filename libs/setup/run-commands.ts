import { SetupFailed, type WorkspaceSetup } from '#engine/ports/setup.port.js';
import type { Sandbox, UntrustedResult } from '#sandbox/sandbox.js';
import { POLICIES } from '#sandbox/sandbox-policy.js';

const OUTPUT_LIMIT = 64 * 1024 * 1024;
/** What a person is shown of the output of a command that failed. */
const TAIL_BYTES = 4_096;

export interface CommandsRun {
  readonly setup: WorkspaceSetup;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly sandbox: Sandbox;
  readonly signal: AbortSignal;
}

/**
 * Runs a set-up's commands, as untrusted as any code of the repository. They share the time limit.
 *
 * @throws SetupFailed with the end of the output; the signal's reason when aborted
 */
export async function runCommands({ setup, env, cwd, sandbox, signal }: CommandsRun): Promise<void> {
  const deadline = performance.now() + setup.timeout * 1_000;
  for (const command of setup.commands) {
    const result = await sandbox.run({
      policy: { ...POLICIES.setup, network: setup.network ? 'allow' : 'off' },
      run: { command },
      cwd,
      variables: env,
      timeoutMs: Math.max(1, deadline - performance.now()),
      outputLimitBytes: OUTPUT_LIMIT,
      tailBytes: TAIL_BYTES,
      signal,
    });
    if (result.kind === 'aborted') throw signal.reason;
    if (result.kind === 'exited' && result.exitCode === 0) continue;
    throw failure(command, result, setup.timeout);
  }
}

function failure(command: string, result: UntrustedResult, seconds: number): SetupFailed {
  const output = result.kind === 'not_started' ? '' : result.output.trim();
  const said = output === '' ? ' It printed nothing.' : ` The end of what it printed:\n${output}`;
  const message = `The set-up of the workspace failed: \`${command}\` ${howItEnded(result, seconds)}.${said}`;
  return new SetupFailed(message, (result.kind === 'exited' ? result.exitCode : null) ?? 1, output);
}

function howItEnded(result: UntrustedResult, seconds: number): string {
  switch (result.kind) {
    case 'not_started':
      return `could not start: ${result.reason}`;
    case 'timed_out':
      return `was not done when the ${seconds} s of the set-up were over`;
    case 'limit_exceeded':
      return `used ${result.limit.message}`;
    case 'exited':
      return result.exitCode === null
        ? `was ended by ${result.signal ?? 'a signal'}`
        : `ended with exit code ${result.exitCode}`;
    default:
      return `went over a limit (${result.kind})`;
  }
}
