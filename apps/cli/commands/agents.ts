import type { AgentView } from '#contracts/api/agents.js';
import { ApiClient } from '../api/client.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { given } from '../given.js';
import { objectArgument } from '../json-argument.js';
import { findApi } from '../local/installation.js';
import { numberArgument } from '../number-argument.js';
import { print, printJson, printTable, say } from '../output/output.js';
import { wantsJson, type FormatOptions } from './plans.js';

export interface AgentFilter extends FormatOptions {
  readonly status?: string;
  readonly type?: string;
  readonly capability?: string;
}

export interface AgentOptions extends FormatOptions {
  readonly type?: string;
  readonly mode?: string;
  readonly description?: string;
  readonly capabilities?: readonly string[];
  readonly executorJson?: string;
  readonly writes?: readonly string[];
  readonly forbids?: readonly string[];
  readonly maxFiles?: string;
  readonly maxLines?: string;
  readonly network?: string;
  readonly commands?: readonly string[];
  readonly tools?: readonly string[];
  readonly status?: string;
}

const EXAMPLE = `planwright agent add backend --type engineer --executor-json '{"claude": {"effort": "high"}}'`;

/** Agent profiles, by slug. */
export async function listAgents(options: AgentFilter): Promise<ExitCode> {
  const { status, type, capability } = options;
  const found = await new ApiClient(findApi()).agents(given({ status, type, capability }));
  if (wantsJson(options)) printJson('agents', found);
  else if (found.length === 0) say('There is no such profile. Next: planwright agent add --help');
  else
    printTable(
      found.map((agent) => [agent.slug, agent.type, agent.status, `${agent.load} at work`, abilities(agent)]),
    );
  return EXIT.ok;
}

export async function showAgent(slug: string, options: FormatOptions): Promise<ExitCode> {
  const agent = await new ApiClient(findApi()).agent(slug);
  if (wantsJson(options)) printJson('agent', agent);
  else for (const line of describe(agent)) print(line);
  return EXIT.ok;
}

export async function addAgent(slug: string, options: AgentOptions): Promise<ExitCode> {
  const agent = await new ApiClient(findApi()).createAgent({ slug, ...bodyOf(options) });
  if (wantsJson(options)) printJson('agent', agent);
  else say(`Added profile ${slug}. Next: planwright agent show ${slug}`);
  return EXIT.ok;
}

export async function editAgent(slug: string, options: AgentOptions): Promise<ExitCode> {
  const body = bodyOf(options);
  if (Object.keys(body).length === 0)
    throw new CliError(EXIT.usage, 'Nothing to change.', 'planwright agent edit --help');
  const agent = await new ApiClient(findApi()).updateAgent(slug, body);
  if (wantsJson(options)) printJson('agent', agent);
  else say(`Changed profile ${slug}. What is under way goes on as it began.`);
  return EXIT.ok;
}

/** What to say after a step of a profile. */
const NEXT = {
  archive: (slug: string) => `It is given nothing any more. Back again: planwright agent restore ${slug}`,
  restore: (slug: string) => `Next: planwright agent edit ${slug} --status active`,
};

/** Archives a profile, or brings it back. */
export async function stepAgent(
  slug: string,
  verb: keyof typeof NEXT,
  options: FormatOptions,
): Promise<ExitCode> {
  const agent = await new ApiClient(findApi()).stepAgent(slug, verb);
  if (wantsJson(options)) printJson('agent', agent);
  else say(`Profile ${slug} is ${agent.status}. ${NEXT[verb](slug)}`);
  return EXIT.ok;
}

function bodyOf(options: AgentOptions): Record<string, unknown> {
  const { type, mode, description, capabilities, executorJson, tools, status } = options;
  const constraints = given({
    writes: withoutNone(options.writes, []),
    forbids: withoutNone(options.forbids, []),
    maxFiles: limit('--max-files', options.maxFiles),
    maxLines: limit('--max-lines', options.maxLines),
    network: options.network === undefined ? undefined : options.network === 'on',
    commands: withoutNone(options.commands, null, 'any'),
  });
  return given({
    type,
    mode,
    description,
    status,
    capabilities: withoutNone(capabilities, [])?.flatMap((names) => names.split(',').map(ability)),
    executor: objectArgument('--executor-json', executorJson, EXAMPLE),
    tools: withoutNone(tools, null, 'all'),
    constraints: Object.keys(constraints).length === 0 ? undefined : constraints,
  });
}

/** `sql`, or `sql:3`. */
function ability(text: string): unknown {
  const at = text.lastIndexOf(':');
  return at < 0
    ? text
    : { name: text.slice(0, at), level: numberArgument(`--capabilities ${text}:`, text.slice(at + 1)) };
}

/** The one word that stands for what no list says. */
function withoutNone<T extends null | readonly string[]>(
  list: readonly string[] | undefined,
  none: T,
  word = 'none',
): readonly string[] | T | undefined {
  return list?.length === 1 && list[0] === word ? none : list;
}

function limit(option: string, text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  return text === 'none' ? null : numberArgument(option, text);
}

function abilities({ capabilities }: AgentView): string {
  return capabilities.map(({ name, level }) => `${name}:${level}`).join(' ');
}

function describe(agent: AgentView): string[] {
  const { slug, type, mode, status, description, executor, constraints, tools, load } = agent;
  const { writes, forbids, maxFiles, maxLines, network, commands } = constraints;
  return [
    `${slug}  ${type}, ${mode}, ${status}, ${load} at work`,
    ...(description === '' ? [] : [description]),
    `can       ${abilities(agent)}`,
    `executor  ${JSON.stringify(executor)}`,
    `writes    ${writes.length === 0 ? 'anywhere' : writes.join(' ')}`,
    ...(forbids.length === 0 ? [] : [`but not   ${forbids.join(' ')}`]),
    ...(maxFiles === null ? [] : [`files     at most ${maxFiles}`]),
    ...(maxLines === null ? [] : [`lines     at most ${maxLines}`]),
    `network   ${network ? 'as its executor has it' : 'none'}`,
    `commands  ${commands === null ? 'any' : commands.join(', ') || 'none'}`,
    `tools     ${tools === null ? 'all' : tools.join(' ') || 'none'}`,
  ];
}
