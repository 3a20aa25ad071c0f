import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentResult, AttemptInput, CommandExecutor } from '#engine/ports/agent.port.js';
import { runProcess, type ProcessResult } from '#sandbox/process-runner.js';
import { scrubbedEnvironment } from '#sandbox/scrubbed-environment.js';
import { withThrowAwayFolder } from '#sandbox/throw-away-folder.js';

export interface CommandAgentConfig {
  /** PATH of the command. */
  readonly path: string;
  /** Where throw-away home folders and input files are made. */
  readonly tempRoot: string;
  /** Default 64 MiB. */
  readonly outputLimitBytes?: number;
  /** Further variables that the command may know. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface CommandAgentRequest {
  readonly executor: CommandExecutor;
  readonly input: AttemptInput;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface CommandAgent {
  run(request: CommandAgentRequest): Promise<AgentResult>;
}

const DEFAULT_OUTPUT_LIMIT = 64 * 1024 * 1024;

/**
 * Carries a task out by a command in the workspace. The command finds its input as JSON in the file that
 * PLANWRIGHT_INPUT names, outside the workspace, so that it never becomes part of the candidate.
 */
export function createCommandAgent(config: CommandAgentConfig): CommandAgent {
  return {
    async run(request) {
      try {
        return await runCommand(config, request);
      } catch (error) {
        // Only files of ours can fail here: no space, no permission.
        return failed('infrastructure', error instanceof Error ? error.message : String(error), '');
      }
    },
  };
}

function runCommand(config: CommandAgentConfig, request: CommandAgentRequest): Promise<AgentResult> {
  const { executor, input, cwd, signal } = request;
  return withThrowAwayFolder(config.tempRoot, 'attempt', async (folder) => {
    const inputFile = join(folder.path, 'input.json');
    await writeFile(inputFile, JSON.stringify(input), { mode: 0o600 });
    const extra = {
      ...config.environment,
      ...request.env,
      PLANWRIGHT_INPUT: inputFile,
      PLANWRIGHT_ATTEMPT: String(input.attempt),
      PLANWRIGHT_TASK: `${input.plan.number}.${input.task.number}`,
    };
    const result = await runProcess({
      run: { command: executor.command },
      cwd,
      env: scrubbedEnvironment({ path: config.path, home: folder.home, tmp: folder.tmp, extra }),
      timeoutMs: executor.timeoutSeconds * 1_000,
      outputLimitBytes: config.outputLimitBytes ?? DEFAULT_OUTPUT_LIMIT,
      signal,
    });
    return toAgentResult(result, executor);
  });
}

function toAgentResult(result: ProcessResult, executor: CommandExecutor): AgentResult {
  switch (result.kind) {
    case 'not_started':
      return failed('infrastructure', `the command could not start: ${result.reason}`, '');
    case 'aborted':
      return failed('cancelled', 'the command was stopped', result.output);
    case 'timed_out':
      return failed(
        'limit_exceeded',
        `the command ran longer than ${executor.timeoutSeconds} s`,
        result.output,
      );
    case 'output_limit':
      return failed('limit_exceeded', 'the command wrote more than its output limit', result.output);
    case 'exited': {
      if (result.exitCode === 0) return { kind: 'done', output: result.output };
      const how =
        result.exitCode === null ? `ended by ${result.signal ?? 'a signal'}` : `exit code ${result.exitCode}`;
      return failed('agent_failed', `the command failed: ${how}`, result.output);
    }
  }
}

type Failure = Extract<AgentResult, { kind: 'failed' }>['failure'];

function failed(failure: Failure, message: string, output: string): AgentResult {
  return { kind: 'failed', failure, message, output };
}
