import type { AgentCli, Arguments, ToolList } from '#contracts/agents/agent-cli.js';
import type { AgentFile } from '#contracts/agents/agent-file.js';

/** How a process is started and given its prompt. */
export interface CommandLine {
  readonly run: { readonly command: string } | { readonly argv: readonly [string, ...string[]] };
  readonly stdin: string;
}

/** Places in the lent folder. */
export interface Places {
  readonly home: string;
  /** Where the prompt is written where it is read from a file. */
  readonly promptFile: string;
}

export interface LineInput {
  readonly program: string;
  readonly prompt: string;
  readonly places: Places;
  /** Settings with its hooks; null: nobody answers any. */
  readonly settings: string | null;
}

/** The kernel takes no longer argument, its last zero included. */
const LONGEST_ARGUMENT = 131_071;

/** The line by which an entry is started for a task, as a function of what the plan asks. */
export function commandLine(
  cli: AgentCli,
  file: AgentFile,
  { program, prompt, places, settings }: LineInput,
): CommandLine {
  const stdin = cli.prompt.by === 'stdin' ? prompt : '';
  if (cli.program === null) return { run: { command: file.command ?? '' }, stdin };
  const { home, promptFile } = places;
  const given = { home, file: promptFile, prompt: argumentOf(prompt, promptFile) };
  const fill = (args: Arguments, more: Readonly<Record<string, string>> = {}) =>
    args.map((arg) => filled(arg, { ...given, ...more }));
  const { model, effort, resume, tools } = file;
  const session = resume === undefined ? undefined : cli.resume;
  const told = [
    ...fill(cli.args),
    ...(session === undefined ? [] : fill(session.args, { session: resume ?? '' })),
    ...(model === undefined ? [] : fill(cli.model?.args ?? [], { model })),
    ...(effort === undefined ? [] : fill(cli.effort?.args ?? [], { effort })),
    ...(tools?.allow === undefined ? cli.approve : list(cli.tools?.allow, tools.allow, fill)),
    ...(tools?.deny === undefined ? [] : list(cli.tools?.deny, tools.deny, fill)),
    ...(settings === null ? [] : fill(cli.hooks?.args ?? [], { settings })),
    ...(file.args ?? []),
    ...fill(cli.prompt.args),
  ];
  const start = session === undefined ? cli.start : fill(session.start, { session: resume ?? '' });
  return { run: { argv: [program, ...start, ...told] }, stdin };
}

/** True where the prompt has to be in the file. */
export function needsPromptFile(cli: AgentCli, prompt: string): boolean {
  return cli.prompt.by === 'file' || (cli.prompt.by === 'argument' && isTooLong(prompt));
}

function isTooLong(prompt: string): boolean {
  // Something of the same argument may stand before it.
  return Buffer.byteLength(prompt) > LONGEST_ARGUMENT - 100;
}

function argumentOf(prompt: string, promptFile: string): string {
  if (!isTooLong(prompt)) return prompt;
  return `Your task is in the file ${promptFile}. Read all of it, then do what it says.`;
}

function list(
  how: ToolList | undefined,
  names: readonly string[],
  fill: (args: Arguments, more: Readonly<Record<string, string>>) => string[],
): string[] {
  if (how === undefined) return [];
  if (how.separator !== null) return fill(how.args, { tools: names.join(how.separator) });
  return names.flatMap((tools) => fill(how.args, { tools }));
}

/** Each place is filled once: what is filled in may look like a place. */
function filled(argument: string, values: Readonly<Record<string, string>>): string {
  return argument.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
}
