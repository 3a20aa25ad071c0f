import { z } from 'zod';
import { compileGlob, globProblem } from '#domain/spec/glob.js';
import { mayRun } from '#domain/profile/commands.js';
import type { Sandbox, UntrustedResult } from '#sandbox/sandbox.js';
import { POLICIES } from '#sandbox/sandbox-policy.js';
import { ToolRefusal } from '../workspace-files.js';
import { LiveCommand } from './live-command.js';
import { tool, type Tool } from './tool.js';

export interface CommandPlace {
  readonly sandbox: Sandbox;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** First words of the lines that it may run; null: any line. */
  readonly commands: readonly string[] | null;
}

const DEFAULT_SECONDS = 120;
const MAX_SECONDS = 600;
/** More than this ends a command. */
const OUTPUT_BYTES = 4 * 2 ** 20;
const SHOWN_BYTES = 24_000;
const LOOK_MS = 30_000;
const LIST_BYTES = 8 * 2 ** 20;
const MAX_LISTED = 500;
const MAX_HITS = 200;
const MAX_HIT_LENGTH = 300;

/** Whatever runs does so in the sandbox, in the workspace, without a network; looking at files is done there too. */
export function commandTools(place: CommandPlace): Tool[] {
  return [runCommand(place), listFiles(place), search(place)];
}

function runCommand(place: CommandPlace): Tool {
  return tool({
    name: 'run_command',
    description:
      'Runs a line of the shell at the top of the workspace, in a sandbox without a network: builds, tests, scripts. Nothing it starts goes on after it. You are shown the end of what it prints.',
    input: z.strictObject({
      command: z.string().min(1).max(20_000),
      seconds: z.int().min(1).max(MAX_SECONDS).default(DEFAULT_SECONDS).describe('It is ended after this.'),
    }),
    describe: (input) => input.command,
    run: async ({ command, seconds }, signal, show) => {
      if (!mayRun(place.commands, command)) throw new ToolRefusal(whyNotRun(place.commands ?? []));
      const live = new LiveCommand(show);
      const result = await place.sandbox.run({
        policy: POLICIES.agent,
        run: { command },
        cwd: place.cwd,
        variables: place.env,
        timeoutMs: seconds * 1_000,
        outputLimitBytes: OUTPUT_BYTES,
        tailBytes: SHOWN_BYTES,
        signal,
        onOutput: (piece) => live.add(piece),
      });
      signal.throwIfAborted();
      const { how, output, isError } = outcome(result, seconds);
      const text = output === '' ? how : `${how}\n${output}`;
      return { kind: 'result', text, isError, shown: live.after(how, output) };
    },
  });
}

function whyNotRun(commands: readonly string[]): string {
  const which = commands.length === 0 ? 'No command may be run' : `Only ${commands.join(', ')} may be run`;
  return `${which} here, each as a line of its own, without quotes or signs of the shell.`;
}

interface CommandEnd {
  /** How it ended, as a sentence. */
  readonly how: string;
  /** The end of what it printed. */
  readonly output: string;
  readonly isError: boolean;
}

function outcome(result: UntrustedResult, seconds: number): CommandEnd {
  switch (result.kind) {
    case 'not_started':
      return { how: `The command could not start: ${result.reason}`, output: '', isError: true };
    case 'timed_out':
      return ended(`The command ran longer than ${seconds} s and was ended.`, result);
    case 'output_limit':
      return ended(`The command wrote more than ${OUTPUT_BYTES} bytes and was ended.`, result);
    case 'limit_exceeded':
      return ended(`The command used ${result.limit.message} and was ended.`, result);
    case 'aborted':
      return { how: 'The command was stopped.', output: '', isError: true };
    case 'exited': {
      const { exitCode, signal, output } = result;
      const how = exitCode === null ? `It was ended by ${signal ?? 'a signal'}.` : `Exit code ${exitCode}.`;
      return { how, output, isError: exitCode !== 0 };
    }
  }
}

function ended(how: string, { output }: { readonly output: string }): CommandEnd {
  return { how, output, isError: true };
}

function listFiles(place: CommandPlace): Tool {
  return tool({
    name: 'list_files',
    description: 'Lists files of the workspace by a glob (** * ? {a,b}). What git ignores is left out.',
    input: z.strictObject({ glob: z.string().min(1).max(500).default('**') }),
    describe: (input) => input.glob,
    run: async ({ glob }, signal) => {
      const problem = globProblem(glob);
      if (problem !== null) throw new ToolRefusal(problem);
      const listed = await look(
        place,
        ['git', 'ls-files', '-co', '--exclude-standard', '--deduplicate', '-z'],
        signal,
      );
      const matches = compileGlob(glob);
      const found = listed
        .split('\0')
        .filter((path) => path !== '' && matches(path))
        .sort();
      if (found.length === 0) return 'No file matches.';
      const rest = found.length > MAX_LISTED ? `\n(${found.length} files; ask with a narrower glob)` : '';
      return found.slice(0, MAX_LISTED).join('\n') + rest;
    },
  });
}

function search(place: CommandPlace): Tool {
  return tool({
    name: 'search',
    description:
      'Finds lines by an extended regular expression (POSIX) in files of the workspace that git does not ignore.',
    input: z.strictObject({
      pattern: z.string().min(1).max(1_000),
      glob: z.string().min(1).max(500).optional().describe('Only in files that match.'),
      ignoreCase: z.boolean().default(false),
    }),
    describe: (input) => input.pattern,
    run: async ({ pattern, glob, ignoreCase }, signal) => {
      if (glob !== undefined && globProblem(glob) !== null) throw new ToolRefusal(globProblem(glob) ?? '');
      const flags = ['-n', '-I', '-E', '-z', '--untracked', '--no-color', ...(ignoreCase ? ['-i'] : [])];
      const args = ['git', 'grep', ...flags, '-e', pattern, '--'] as const;
      const text = await look(place, [...args], signal);
      const hits = text.split('\n').flatMap((line) => hitOf(line, glob));
      if (hits.length === 0) return 'Nothing was found.';
      const rest = hits.length > MAX_HITS ? `\n(${hits.length} lines; search for something narrower)` : '';
      return hits.slice(0, MAX_HITS).join('\n') + rest;
    },
  });
}

function hitOf(line: string, glob: string | undefined): string[] {
  const [path, number, ...rest] = line.split('\0');
  if (path === undefined || number === undefined) return [];
  if (glob !== undefined && !compileGlob(glob)(path)) return [];
  return [`${path}:${number}: ${rest.join('').slice(0, MAX_HIT_LENGTH)}`];
}

/** The git directory of a workspace is the agent's: git runs as anything else of it, and its answer is text. */
async function look(place: CommandPlace, argv: readonly string[], signal: AbortSignal): Promise<string> {
  const result = await place.sandbox.run({
    policy: POLICIES.agent,
    run: { argv: argv as [string, ...string[]] },
    cwd: place.cwd,
    timeoutMs: LOOK_MS,
    outputLimitBytes: LIST_BYTES,
    stdoutBytes: LIST_BYTES,
    signal,
  });
  signal.throwIfAborted();
  if (result.kind === 'not_started') throw new ToolRefusal(`It could not be looked up: ${result.reason}`);
  // `git grep` says 1 where nothing is found.
  if (
    result.kind === 'exited' &&
    (result.exitCode === 0 || (result.exitCode === 1 && result.output.trim() === ''))
  )
    return result.stdout ?? '';
  if (result.kind === 'exited')
    throw new ToolRefusal(`It could not be looked up: ${result.output.slice(-500)}`);
  if (result.kind === 'limit_exceeded')
    throw new ToolRefusal(`It could not be looked up: it used ${result.limit.message}.`);
  throw new ToolRefusal('It could not be looked up: there is too much of it. Ask for less.');
}
