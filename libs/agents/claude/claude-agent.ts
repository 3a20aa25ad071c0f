import { DomainError } from '#domain/domain-error.js';
import { Fenced } from '#engine/fenced.js';
import type { AgentPort, AgentResult, ClaudeExecutor } from '#engine/ports/agent.port.js';
import type { AgentSession } from '#engine/ports/agent-session.port.js';
import type { DeclarationsPort } from '#engine/ports/declarations.port.js';
import type { BlobSource } from '#engine/ports/git.port.js';
import { ModelFailure, type Effort, type ModelFailureKind } from '#engine/ports/llm.port.js';
import { BudgetExceeded } from '#engine/ports/spend.port.js';
import type { Sandbox } from '#sandbox/sandbox.js';
import { failed, type FailedResult } from '../results.js';
import { PaidCalls, type PaidCallsConfig } from './paid-calls.js';
import { LimitReached, NoAnswer } from './session-errors.js';
import { runSession } from './session-loop.js';
import { Shown } from './shown.js';
import { codeTools } from './tools/code-tools.js';
import { commandTools } from './tools/command-tools.js';
import { endTools } from './tools/end-tools.js';
import { fileTools } from './tools/file-tools.js';
import type { SessionEnd, Tool } from './tools/tool.js';
import { verifyTool } from './tools/verify-tool.js';
import { WorkspaceFiles } from './workspace-files.js';

export interface ClaudeAgentConfig extends PaidCallsConfig {
  readonly sandbox: Sandbox;
  readonly declarations: DeclarationsPort;
  readonly blobs: (repositoryId: string) => BlobSource;
  /** What a task uses that names none. */
  readonly model: string;
  readonly effort: Effort | null;
  /** Takes known secrets out of what the model and the transcript see. */
  readonly redact: (text: string) => string;
}

export interface ClaudeRequest extends Omit<Parameters<AgentPort['run']>[0], 'executor'> {
  readonly executor: ClaudeExecutor;
}

/** What it takes to work: a checkout, and what the worker does for whoever works on it. */
type Seated = ClaudeRequest & { readonly cwd: string; readonly session: AgentSession };

const FAILURE_OF: { readonly [K in ModelFailureKind]: FailedResult['failure'] } = {
  quota: 'quota',
  unavailable: 'infrastructure',
  rejected: 'unconfigured',
  unconfigured: 'unconfigured',
};

/** Carries a task out by a model that works through tools in the workspace: a session for each attempt. */
export function createClaudeAgent(config: ClaudeAgentConfig) {
  return {
    async run(request: ClaudeRequest): Promise<AgentResult> {
      const { state } = config.sandbox;
      const { cwd, session } = request;
      if (cwd === null || session === undefined) throw new Error('a model works on a checkout');
      if (state.isolation === 'off') {
        const mend = `${state.why} ${state.remedy ?? ''}`.trim();
        return failed('unconfigured', `A model works in a sandbox only, and there is none. ${mend}`, '');
      }
      return { ...(await attempt(config, { ...request, cwd, session })), sandbox: state.isolation };
    },
  };
}

async function attempt(config: ClaudeAgentConfig, request: Seated): Promise<AgentResult> {
  const { executor, session, signal } = request;
  const { timeoutSeconds, turns, tokens } = executor;
  const time = AbortSignal.timeout(timeoutSeconds * 1_000);
  const shown = new Shown(session, config.redact);
  try {
    const end = await runSession({
      ...choiceOf(config, executor, session),
      calls: new PaidCalls(config, placeOf(session), tokens ?? null),
      tools: toolsOf(config, request),
      session,
      input: request.input,
      allowance: { timeoutSeconds, turns, tokens },
      redact: config.redact,
      shown,
      signal: AbortSignal.any([signal, time]),
    });
    return resultOf(end, shown.tail);
  } catch (error) {
    if (signal.aborted) return failed('cancelled', 'the session was stopped', shown.tail);
    if (time.aborted)
      return failed('limit_exceeded', `it reached its limit of time: ${timeoutSeconds} s`, shown.tail);
    return failureOf(error, shown.tail);
  }
}

/** The rung of the ladder that the attempt stands on. */
function choiceOf(config: ClaudeAgentConfig, executor: ClaudeExecutor, { failedBefore }: AgentSession) {
  const { ladder = [] } = executor;
  const rung = ladder[Math.min(failedBefore, ladder.length - 1)];
  return {
    model: rung?.model ?? executor.model ?? config.model,
    effort: rung?.effort ?? executor.effort ?? config.effort,
  };
}

function placeOf({ planId, attemptId, token }: AgentSession) {
  return { planId, role: 'executor', attemptId, token } as const;
}

/** Those that its profile lets it have; how it ends or rests is nobody's to take. */
function toolsOf(config: ClaudeAgentConfig, { session, cwd, env = {}, input }: Seated): Tool[] {
  const { sandbox, declarations, blobs } = config;
  const { limits } = input;
  const offered: Tool[] = [
    ...fileTools(new WorkspaceFiles(cwd), session),
    ...commandTools({ sandbox, cwd, env, commands: limits?.constraints.commands ?? null }),
    ...codeTools({ declarations, source: blobs(session.repositoryId), commit: session.base }),
    verifyTool(session),
  ];
  const names: readonly string[] | null = limits?.tools ?? null;
  return [...offered.filter((each) => names === null || names.includes(each.definition.name)), ...endTools()];
}

function resultOf(end: SessionEnd, output: string): AgentResult {
  switch (end.kind) {
    case 'finished':
      return { kind: 'done', output, result: { summary: end.summary } };
    case 'asked':
      return { kind: 'asked', question: end.question, output };
    case 'plan_wrong':
      return { ...failed('needs_replan', end.findings, output), result: { findings: end.findings } };
  }
}

/** @throws what is no answer to the task: somebody else has the attempt */
function failureOf(error: unknown, output: string): FailedResult {
  if (error instanceof Fenced) throw error;
  if (error instanceof LimitReached) return failed('limit_exceeded', `it reached ${error.message}`, output);
  if (error instanceof BudgetExceeded) return failed('budget', error.message, output);
  if (error instanceof ModelFailure)
    return failed(FAILURE_OF[error.kind], error.message, output, error.retryAt);
  // A model that nobody can say the price of.
  if (error instanceof DomainError) return failed('unconfigured', sentenceOf(error), output);
  if (error instanceof NoAnswer) return failed('agent_failed', error.message, output);
  throw error;
}

function sentenceOf({ message, remedy }: DomainError): string {
  return remedy === undefined ? message : `${message} ${remedy}`;
}
