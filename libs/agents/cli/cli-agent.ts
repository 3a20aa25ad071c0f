import { lstatSync } from 'node:fs';
import { realpath, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { AgentCli } from '#contracts/agents/agent-cli.js';
import { AGENT_CLIS } from '#contracts/agents/table.js';
import type { AgentSession } from '#engine/ports/agent-session.port.js';
import type { AgentCliExecutor, AgentResult, AttemptInput } from '#engine/ports/agent.port.js';
import { findProgram } from '#sandbox/find-program.js';
import type { Sandbox, UntrustedResult } from '#sandbox/sandbox.js';
import { POLICIES } from '#sandbox/sandbox-policy.js';
import type { ThrowAwayFolder } from '#sandbox/throw-away-folder.js';
import { readReport } from '../command/report.js';
import { renderAttemptPrompt, renderContinuation } from '../prompts/attempt-prompt.js';
import { failed } from '../results.js';
import { checkTable } from './check-table.js';
import { commandLine, needsPromptFile } from './command-line.js';
import { hookSettings } from './gates/hook-settings.js';
import { withGates, type OpenGates } from './gates/open-gates.js';
import { copyLogins, watchLitter } from './home.js';
import { judgeRun } from './judge-run.js';
import { packSession, unpackSession, type SessionPlaces } from './session-file.js';
import { redacted, surroundingsOf, type AgentSettings, type Surroundings } from './surroundings.js';

export interface CliAgentConfig extends AgentSettings {
  readonly sandbox: Sandbox;
  /** Where its program is looked for. */
  readonly path: string;
  readonly now: () => Date;
  /** Default 64 MiB. */
  readonly outputLimitBytes?: number;
}

export interface CliAgentRequest {
  readonly executor: AgentCliExecutor;
  readonly input: AttemptInput;
  readonly cwd: string | null;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly session?: AgentSession;
}

const DEFAULT_OUTPUT_LIMIT = 64 * 2 ** 20;
/** As much of standard output is read for what it means; of a longer one, the end. */
const READ_BYTES = 16 * 2 ** 20;

/**
 * Carries a task out by the command line of a coding agent, as its entry in the table says: in the sandbox, with a home
 * folder of its own, with the keys that the entry names and no network but to the hosts that it names.
 *
 * @throws Error where the table contradicts itself
 */
export function createCliAgent(config: CliAgentConfig) {
  checkTable(AGENT_CLIS);
  return {
    async run(request: CliAgentRequest): Promise<AgentResult> {
      const cli = AGENT_CLIS[request.executor.agent.name];
      const surroundings = surroundingsOf(cli, config);
      try {
        return await runCli(config, cli, surroundings, request);
      } catch (error) {
        const why = redacted((error as Error).message, surroundings.secrets);
        return failed('infrastructure', `${cli.title} could not be run: ${why}`, '');
      }
    },
  };
}

async function runCli(
  config: CliAgentConfig,
  cli: AgentCli,
  surroundings: Surroundings,
  request: CliAgentRequest,
): Promise<AgentResult> {
  const program = cli.program === null ? '' : findProgram(cli.program, config.path);
  if (program === null)
    return failed(
      'infrastructure',
      `${cli.title} is not installed: there is no ${cli.program} in ${config.path}. Install it for the worker's user, in a folder of PATH: ${cli.docs[0]}`,
      '',
    );
  return config.sandbox.folders.use(async (folder) => {
    const logins = await copyLogins(cli, config.loginHome, folder.home);
    const missing = missingCredential(cli, surroundings, logins);
    if (missing !== null) return failed('infrastructure', missing, '');
    const cwd = request.cwd ?? folder.work;
    const sweep = await watchLitter(cli, cwd);
    const resume = await unpackSession(cli, request.session?.parked ?? null, { home: folder.home, cwd });
    const result = await guarded(config, cli, { surroundings, request, folder, program, cwd, resume });
    await sweep();
    const answer = await judgeRun(cli, result, {
      report: () => readReport(folder.result),
      now: config.now(),
      timeoutSeconds: request.executor.timeoutSeconds,
      mayAsk: request.session !== undefined,
    });
    const clean = withoutSecrets(answer, surroundings.secrets);
    request.session?.show(redacted(lastWords(clean), surroundings.secrets));
    await park(cli, clean, request.session, {
      places: { home: folder.home, cwd },
      secrets: surroundings.secrets,
    });
    return { ...clean, sandbox: result.sandbox };
  });
}

interface Start {
  readonly surroundings: Surroundings;
  readonly request: CliAgentRequest;
  readonly folder: ThrowAwayFolder;
  readonly program: string;
  readonly cwd: string;
  /** A session that is in its home folder; null: it begins one. */
  readonly resume: string | null;
}

/** With its hooks answered, where it has any and somebody can answer. Without a sandbox it is not started anyway. */
function guarded(config: CliAgentConfig, cli: AgentCli, started: Start): Promise<UntrustedResult> {
  const { request, surroundings, folder, cwd } = started;
  const { session, signal } = request;
  if (cli.hooks === undefined || session === undefined) return start(config, cli, started, null);
  return withGates(
    {
      session: {
        verify: (stop) => session.verify(stop),
        refusalOfWrite: (path) => session.refusalOfWrite(path),
        show: (text) => session.show(redacted(text, surroundings.secrets)),
      },
      cwd,
      hasReport: () => lstatSync(folder.result, { throwIfNoEntry: false }) !== undefined,
      signal,
    },
    (gates) => start(config, cli, started, gates),
  );
}

async function start(
  config: CliAgentConfig,
  cli: AgentCli,
  start: Start,
  gates: OpenGates | null,
): Promise<UntrustedResult> {
  const { surroundings, request, folder, program, cwd, resume } = start;
  const { executor, input, signal, env } = request;
  const prompt = promptOf(request, resume !== null);
  const promptFile = join(folder.path, 'prompt.md');
  if (needsPromptFile(cli, prompt)) await writeFile(promptFile, prompt, { mode: 0o600 });
  const places = { home: folder.home, promptFile };
  const settings = gates === null ? null : hookSettings(gates.command, { stop: input.spec !== null });
  const agent = resume === null ? executor.agent : { ...executor.agent, resume };
  const { run, stdin } = commandLine(cli, agent, { program, prompt, places, settings });
  return config.sandbox.run({
    policy: { ...POLICIES.agent, network: { hosts: surroundings.hosts } },
    run,
    stdin,
    cwd,
    folder,
    readable: [...(program === '' ? [] : await programFolders(program)), ...(gates?.readable ?? [])],
    variables: {
      ...env,
      ...surroundings.variables,
      HOME: folder.home,
      PLANWRIGHT_RESULT: folder.result,
      PLANWRIGHT_PLAN: String(input.plan.number),
      PLANWRIGHT_PLAN_NAME: input.plan.name,
      PLANWRIGHT_ATTEMPT: String(input.attempt),
      PLANWRIGHT_TASK: `${input.plan.number}.${input.task.number}`,
    },
    input: { variable: 'PLANWRIGHT_INPUT', content: JSON.stringify(input) },
    timeoutMs: executor.timeoutSeconds * 1_000,
    outputLimitBytes: config.outputLimitBytes ?? DEFAULT_OUTPUT_LIMIT,
    stdoutBytes: READ_BYTES,
    signal,
  });
}

/** Who watched its gates is shown its end as well, and how its session can be found. */
function lastWords({ output, usage }: AgentResult): string {
  const id = usage?.sessionId ?? null;
  return `${output}\n${id === null ? '' : `[session ${id}]\n`}`;
}

function promptOf({ input, session, executor }: CliAgentRequest, resumed: boolean): string {
  const parked = session?.parked ?? null;
  if (resumed && parked !== null) return renderContinuation(parked);
  const { timeoutSeconds } = executor;
  return renderAttemptPrompt({ input, session: session ?? null, allowance: { timeoutSeconds } });
}

/** Whoever stops short of the end for a reason that passes is gone on with: its session is kept with the attempt. */
async function park(
  cli: AgentCli,
  answer: AgentResult,
  session: AgentSession | undefined,
  { places, secrets }: { readonly places: SessionPlaces; readonly secrets: Surroundings['secrets'] },
): Promise<void> {
  const words = restingWords(answer);
  if (session === undefined || words === null) return;
  const id = answer.usage?.sessionId ?? null;
  const file = id === null ? null : await packSession(cli, id, places, (text) => redacted(text, secrets));
  // Who was stopped in the middle and has no memory of it begins afresh.
  if (file === null && answer.kind === 'failed' && answer.failure === 'cancelled') return;
  await session.park(words, file);
}

/** Null: it does not rest. */
function restingWords(answer: AgentResult): string | null {
  if (answer.kind === 'asked') return answer.question;
  return answer.kind === 'failed' && ['quota', 'cancelled'].includes(answer.failure) ? answer.message : null;
}

/** Where a program lies that a folder of PATH only links to: its package, or its folder. */
async function programFolders(program: string): Promise<string[]> {
  const real = await realpath(program);
  const parts = real.split(sep);
  const modules = parts.indexOf('node_modules');
  return [modules < 0 ? dirname(real) : parts.slice(0, modules + 1).join(sep)];
}

/** Without a key it would ask for one, and nobody is there. */
function missingCredential(
  cli: AgentCli,
  { secrets, variables }: Surroundings,
  logins: number,
): string | null {
  const elsewhere = cli.baseUrls.some((name) => name in variables);
  if (cli.program === null || cli.credentials.length === 0 || secrets.length > 0 || elsewhere || logins > 0)
    return null;
  const names = cli.credentials.map(({ name }) => name).join(', ');
  const files =
    cli.logins.length === 0
      ? ''
      : `, or let PLANWRIGHT_AGENT_HOME name a home folder with ${cli.logins.join(' or ')}`;
  return `${cli.title} has no key: set one of ${names} where the executor-worker is started${files}.`;
}

function withoutSecrets(result: AgentResult, secrets: Surroundings['secrets']): AgentResult {
  const clean = (text: string) => redacted(text, secrets);
  const output = clean(result.output);
  if (result.kind === 'asked') return { ...result, output, question: clean(result.question) };
  const data: unknown = result.result === null ? null : JSON.parse(clean(JSON.stringify(result.result)));
  return result.kind === 'done'
    ? { ...result, output, result: data }
    : { ...result, output, result: data, message: clean(result.message) };
}
