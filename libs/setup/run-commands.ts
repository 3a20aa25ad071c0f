import { SetupFailed, type WorkspaceSetup } from '#engine/ports/setup.port.js';
import { runProcess, type ProcessResult } from '#sandbox/process-runner.js';
import { scrubbedEnvironment } from '#sandbox/scrubbed-environment.js';
import { withThrowAwayFolder } from '#sandbox/throw-away-folder.js';

const OUTPUT_LIMIT = 64 * 1024 * 1024;
/** What a person is shown of the output of a command that failed. */
const TAIL_BYTES = 4_096;

export interface CommandsRun {
  readonly setup: WorkspaceSetup;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** PATH of the commands. */
  readonly path: string;
  /** Where throw-away home folders are made. */
  readonly tempRoot: string;
  readonly signal: AbortSignal;
}

/**
 * Runs a set-up's commands, as untrusted as any code of the repository. They share one home and the time limit.
 *
 * @throws SetupFailed with the end of the output; the signal's reason when aborted
 */
export function runCommands(run: CommandsRun): Promise<void> {
  const { setup, cwd, path, tempRoot, signal } = run;
  const deadline = performance.now() + setup.timeout * 1_000;
  return withThrowAwayFolder(tempRoot, 'setup', async ({ home, tmp }) => {
    for (const command of setup.commands) {
      const result = await runProcess({
        run: { command },
        cwd,
        env: scrubbedEnvironment({ path, home, tmp, extra: run.env }),
        timeoutMs: Math.max(1, deadline - performance.now()),
        outputLimitBytes: OUTPUT_LIMIT,
        tailBytes: TAIL_BYTES,
        signal,
      });
      if (result.kind === 'aborted') throw signal.reason;
      if (result.kind === 'exited' && result.exitCode === 0) continue;
      throw failure(command, result, setup.timeout);
    }
  });
}

function failure(command: string, result: ProcessResult, seconds: number): SetupFailed {
  const output = result.kind === 'not_started' ? '' : result.output.trim();
  const said = output === '' ? ' It printed nothing.' : ` The end of what it printed:\n${output}`;
  const message = `The set-up of the workspace failed: \`${command}\` ${howItEnded(result, seconds)}.${said}`;
  return new SetupFailed(message, (result.kind === 'exited' ? result.exitCode : null) ?? 1, output);
}

function howItEnded(result: ProcessResult, seconds: number): string {
  switch (result.kind) {
    case 'not_started':
      return `could not start: ${result.reason}`;
    case 'timed_out':
      return `was not done when the ${seconds} s of the set-up were over`;
    case 'exited':
      return result.exitCode === null
        ? `was ended by ${result.signal ?? 'a signal'}`
        : `ended with exit code ${result.exitCode}`;
    default:
      return `went over a limit (${result.kind})`;
  }
}
