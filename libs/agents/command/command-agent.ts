import type { WrittenBy } from '#domain/plan/state.js';
import type { AgentResult, AttemptInput, CommandExecutor } from '#engine/ports/agent.port.js';
import type { Sandbox, SandboxState, UntrustedResult } from '#sandbox/sandbox.js';
import { POLICIES, type ProcessPolicy } from '#sandbox/sandbox-policy.js';
import { failed } from '../results.js';
import { readReport, type Report } from './report.js';

export interface CommandAgentConfig {
  readonly sandbox: Sandbox;
  /** Default 64 MiB. */
  readonly outputLimitBytes?: number;
  /** Further variables that the command may know. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface CommandAgentRequest {
  readonly executor: CommandExecutor;
  /** Who wrote the executor. */
  readonly writtenBy: WrittenBy;
  readonly input: AttemptInput;
  readonly cwd: string | null;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface CommandAgent {
  run(request: CommandAgentRequest): Promise<AgentResult>;
}

const DEFAULT_OUTPUT_LIMIT = 64 * 1024 * 1024;

/**
 * Carries a task out by a command in the workspace, or in an empty folder where there is none. The command finds its
 * input as JSON in the file that PLANWRIGHT_INPUT names, and may leave a report in the one that PLANWRIGHT_RESULT names;
 * both are outside the workspace, so that they never become part of the candidate.
 */
export function createCommandAgent(config: CommandAgentConfig): CommandAgent {
  return {
    async run(request) {
      try {
        return await runCommand(config, request);
      } catch (error) {
        return failed('infrastructure', `the command could not be run: ${(error as Error).message}`, '');
      }
    },
  };
}

function runCommand(config: CommandAgentConfig, request: CommandAgentRequest): Promise<AgentResult> {
  const { executor, input, signal } = request;
  const { sandbox } = config;
  return sandbox.folders.use(async (folder) => {
    const result = await sandbox.run({
      policy: policyOf(request),
      run: { command: executor.command },
      cwd: request.cwd ?? folder.work,
      folder,
      variables: {
        ...config.environment,
        ...request.env,
        PLANWRIGHT_RESULT: folder.result,
        PLANWRIGHT_PLAN: String(input.plan.number),
        PLANWRIGHT_PLAN_NAME: input.plan.name,
        PLANWRIGHT_ATTEMPT: String(input.attempt),
        PLANWRIGHT_TASK: `${input.plan.number}.${input.task.number}`,
      },
      input: { variable: 'PLANWRIGHT_INPUT', content: JSON.stringify(input) },
      timeoutMs: executor.timeoutSeconds * 1_000,
      outputLimitBytes: config.outputLimitBytes ?? DEFAULT_OUTPUT_LIMIT,
      signal,
    });
    const output = 'output' in result ? `${openNote(sandbox.state)}${result.output}` : '';
    const answer = await toAgentResult(result, executor, output, () => readReport(folder.result));
    return { ...answer, sandbox: result.sandbox };
  });
}

/** A person's line that is given nothing which others wrote needs no more than the person at a terminal. */
function policyOf({ writtenBy, cwd, input }: CommandAgentRequest): ProcessPolicy {
  const alone = cwd === null ? POLICIES.commandAlone : POLICIES.command;
  const policy = writtenBy === 'model' ? POLICIES.commandOfModel : alone;
  return input.limits?.constraints.network === false ? withoutNetwork(policy) : policy;
}

/** Nothing but isolation takes a network away: it is insisted on. */
function withoutNetwork(policy: ProcessPolicy): ProcessPolicy {
  return { ...policy, network: 'off', mayRunOpen: false, runsOpen: false };
}

/** Whoever reads what a command printed sees that nothing held it. */
function openNote({ isolation, why, remedy }: SandboxState): string {
  if (isolation !== 'off') return '';
  return `Ran without a sandbox. ${why}${remedy === null ? '' : ` To mend: ${remedy}`}\n`;
}

async function toAgentResult(
  result: UntrustedResult,
  executor: CommandExecutor,
  output: string,
  report: () => Promise<Report>,
): Promise<AgentResult> {
  switch (result.kind) {
    case 'not_started':
      return failed('infrastructure', `the command could not start: ${result.reason}`, output);
    case 'aborted':
      return failed('cancelled', 'the command was stopped', output);
    case 'timed_out':
      return failed('limit_exceeded', `the command ran longer than ${executor.timeoutSeconds} s`, output);
    case 'output_limit':
      return failed('limit_exceeded', 'the command wrote more than its output limit', output);
    case 'limit_exceeded':
      return failed('limit_exceeded', `the command used ${result.limit.message}`, output);
    case 'exited':
      return judge(result, output, await report());
  }
}

/** What the command says of itself goes before its exit code, but that it is done. */
function judge(
  { exitCode, signal }: Extract<UntrustedResult, { kind: 'exited' }>,
  output: string,
  report: Report,
): AgentResult {
  if (report.outcome === 'question')
    return failed(
      'agent_failed',
      `the command asks a person, which only a coding agent can do: ${report.question}`,
      output,
    );
  if (report.outcome !== 'done') {
    const { failure, message, retryAt, data: result } = report;
    return { kind: 'failed', failure, message, retryAt, output, result };
  }
  if (exitCode === 0) return { kind: 'done', output, result: report.data };
  const how = exitCode === null ? `ended by ${signal ?? 'a signal'}` : `exit code ${exitCode}`;
  return { ...failed('agent_failed', `the command failed: ${how}`, output), result: report.data };
}
