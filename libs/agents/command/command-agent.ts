import type { AgentResult, AttemptInput, CommandExecutor } from '#engine/ports/agent.port.js';
import type { Sandbox, SandboxState, UntrustedResult } from '#sandbox/sandbox.js';
import { POLICIES } from '#sandbox/sandbox-policy.js';

export interface CommandAgentConfig {
  readonly sandbox: Sandbox;
  /** Default 64 MiB. */
  readonly outputLimitBytes?: number;
  /** Further variables that the command may know. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface CommandAgentRequest {
  readonly executor: CommandExecutor;
  readonly input: AttemptInput;
  readonly cwd: string;
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
        return {
          kind: 'failed',
          failure: 'infrastructure',
          message: error instanceof Error ? error.message : String(error),
          output: '',
        };
      }
    },
  };
}

async function runCommand(config: CommandAgentConfig, request: CommandAgentRequest): Promise<AgentResult> {
  const { executor, input, cwd, signal } = request;
  const { sandbox } = config;
  const result = await sandbox.run({
    policy: POLICIES.command,
    run: { command: executor.command },
    cwd,
    variables: {
      ...config.environment,
      PLANWRIGHT_ATTEMPT: String(input.attempt),
      PLANWRIGHT_TASK: `${input.plan.number}.${input.task.number}`,
    },
    input: { variable: 'PLANWRIGHT_INPUT', content: JSON.stringify(input) },
    timeoutMs: executor.timeoutSeconds * 1_000,
    outputLimitBytes: config.outputLimitBytes ?? DEFAULT_OUTPUT_LIMIT,
    signal,
  });
  const output = 'output' in result ? `${openNote(sandbox.state)}${result.output}` : '';
  return { ...toAgentResult(result, executor, output), sandbox: result.sandbox };
}

/** Whoever reads what a command printed sees that nothing held it. */
function openNote({ isolation, why, remedy }: SandboxState): string {
  if (isolation !== 'off') return '';
  return `Ran without a sandbox. ${why}${remedy === null ? '' : ` To mend: ${remedy}`}\n`;
}

function toAgentResult(result: UntrustedResult, executor: CommandExecutor, output: string): AgentResult {
  const failed = (failure: Failure, message: string): AgentResult => ({
    kind: 'failed',
    failure,
    message,
    output,
  });
  switch (result.kind) {
    case 'not_started':
      return failed('infrastructure', `the command could not start: ${result.reason}`);
    case 'aborted':
      return failed('cancelled', 'the command was stopped');
    case 'timed_out':
      return failed('limit_exceeded', `the command ran longer than ${executor.timeoutSeconds} s`);
    case 'output_limit':
      return failed('limit_exceeded', 'the command wrote more than its output limit');
    case 'limit_exceeded':
      return failed('limit_exceeded', `the command used ${result.limit.message}`);
    case 'exited': {
      if (result.exitCode === 0) return { kind: 'done', output };
      const how =
        result.exitCode === null ? `ended by ${result.signal ?? 'a signal'}` : `exit code ${result.exitCode}`;
      return failed('agent_failed', `the command failed: ${how}`);
    }
  }
}

type Failure = Extract<AgentResult, { kind: 'failed' }>['failure'];
