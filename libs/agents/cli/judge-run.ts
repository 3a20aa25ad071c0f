import type { AgentCli } from '#contracts/agents/agent-cli.js';
import type { AgentResult } from '#engine/ports/agent.port.js';
import type { UntrustedResult } from '#sandbox/sandbox.js';
import type { Report } from '../command/report.js';
import { failed } from '../results.js';
import { findQuota } from './quota.js';
import { readOutput, type AgentOutput } from './read-output.js';

export interface Circumstances {
  readonly report: () => Promise<Report>;
  readonly now: Date;
  readonly timeoutSeconds: number;
  /** Whether it can rest until a person has answered. */
  readonly mayAsk: boolean;
}

type Exited = Extract<UntrustedResult, { kind: 'exited' }>;

/** What came of a run: what was left as a report goes first, then what the agent printed, then its exit code. */
export async function judgeRun(
  cli: AgentCli,
  result: UntrustedResult,
  circumstances: Circumstances,
): Promise<AgentResult> {
  if (result.kind === 'not_started')
    return failed('infrastructure', `${cli.title} could not start: ${result.reason}`, '');
  const said = readOutput(cli.output, result.stdout ?? result.output);
  const answer =
    result.kind === 'exited'
      ? judgeExit(cli, result, said, await circumstances.report(), circumstances)
      : ended(cli, result, circumstances);
  return hasUsage(said) ? { ...answer, usage: said.usage } : answer;
}

function ended(
  cli: AgentCli,
  result: Exclude<UntrustedResult, { kind: 'exited' | 'not_started' }>,
  { timeoutSeconds }: Circumstances,
): AgentResult {
  const { output } = result;
  switch (result.kind) {
    case 'aborted':
      return failed('cancelled', `${cli.title} was stopped`, output);
    case 'timed_out':
      return failed('limit_exceeded', `${cli.title} ran longer than ${timeoutSeconds} s`, output);
    case 'output_limit':
      return failed('limit_exceeded', `${cli.title} wrote more than its output limit`, output);
    case 'limit_exceeded':
      return failed('limit_exceeded', `${cli.title} used ${result.limit.message}`, output);
  }
}

function judgeExit(
  cli: AgentCli,
  { exitCode, signal, output }: Exited,
  said: AgentOutput,
  report: Report,
  { now, mayAsk }: Pick<Circumstances, 'now' | 'mayAsk'>,
): AgentResult {
  if (report.outcome === 'question') {
    const { question } = report;
    if (mayAsk) return { kind: 'asked', question, output: said.message ?? output };
    const why = `${cli.title} asks a person, which a task that changes nothing cannot wait for: ${question}`;
    return failed('agent_failed', why, output);
  }
  if (report.outcome !== 'done') {
    const { failure, message, retryAt, data: result } = report;
    return { kind: 'failed', failure, message, retryAt, output, result };
  }
  const { data } = report;
  if (exitCode !== 0 || said.failure !== null) {
    // Of one that says why it failed, the rest of its output is what it worked on.
    const quota = findQuota(cli.quota, said.failure ?? output, now);
    const answer =
      quota === null
        ? failed(...reasonOf(cli, { exitCode, signal, output }, said), output)
        : failed('quota', `${cli.title}: ${quota.message}`, output, quota.retryAt);
    return { ...answer, result: data };
  }
  if (!said.ended) {
    const why = `${cli.title} exited with 0, but its output has not the end that its documentation names (${cli.docs.at(-1)}): it was cut off, or this version prints something else`;
    return { ...failed('agent_failed', why, output), result: data };
  }
  return { kind: 'done', output: said.message ?? output, result: data };
}

function reasonOf(
  cli: AgentCli,
  { exitCode, signal, output }: Pick<Exited, 'exitCode' | 'signal' | 'output'>,
  said: AgentOutput,
): ['agent_failed' | 'limit_exceeded' | 'infrastructure', string] {
  const known = exitCode === null ? undefined : cli.exits[exitCode];
  const how = exitCode === null ? `ended by ${signal ?? 'a signal'}` : `exit code ${exitCode}`;
  const meaning = known === undefined ? how : `${how}: ${known.means}`;
  // What it does not say as its documentation has it, such as an argument that it does not know, stands in a line.
  const reason = said.failure ?? /^.*\berror\b.*$/im.exec(output)?.[0].trim().slice(0, 500);
  const because = reason === undefined ? '' : `: ${reason}`;
  return [known?.failure ?? 'agent_failed', `${cli.title} failed (${meaning})${because}`];
}

function hasUsage({ usage }: AgentOutput): boolean {
  return Object.values(usage).some((value) => value !== null);
}
