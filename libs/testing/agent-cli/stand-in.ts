import { mkdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { earlierPrompts, endByHooks, keepSession, settingsOf, writeByTool } from './claude-code.js';
import { DOCUMENTED, type DocumentedCli } from './documented.js';
import { plain, PRINTERS, USED } from './printed.js';

/**
 * A program that is started under the name of a coding agent: refuses arguments that its documentation does not list,
 * reads its prompt as the documentation says, changes a file, and prints what the documentation shows. A line
 * `Stand-in: <word>` in the prompt tells it what else to do.
 */
const [name = '', ...args] = process.argv.slice(2);

interface Read {
  readonly options: Readonly<Record<string, readonly string[]>>;
  readonly positional: readonly string[];
}

function refuse(why: string): never {
  writeSync(2, `error: ${why}\n`);
  process.exit(64);
}

/** Takes arguments apart by what is documented, and nothing else. */
function parse(cli: DocumentedCli, given: readonly string[]): Read {
  const options: Record<string, string[]> = {};
  const positional: string[] = [];
  const add = (option: string, value: string) => {
    const choices = cli.choices?.[option];
    if (choices !== undefined && !choices.includes(value))
      refuse(`${option} must be one of ${choices.join(', ')}`);
    (options[option] ??= []).push(value);
  };
  for (let index = 0; index < given.length; index += 1) {
    const argument = given[index] ?? '';
    const [option = '', value] = argument.startsWith('-') ? argument.split(/=([\s\S]*)/) : [];
    if (!argument.startsWith('-') || argument === '-') positional.push(argument);
    else if (cli.flags.includes(argument)) add(argument, '');
    else if (cli.valued.includes(`${option}=`) && value !== undefined) add(option, value);
    else if (cli.valued.includes(argument)) {
      index += 1;
      add(argument, given[index] ?? refuse(`a value is required for ${argument}`));
    } else refuse(`unexpected argument ${argument}`);
  }
  return { options, positional };
}

/** Without the subcommand that begins it. */
function afterStart(cli: DocumentedCli, given: readonly string[]): readonly string[] {
  const start = [...cli.starts]
    .sort((a, b) => b.length - a.length)
    .find((words) => words.every((word, at) => word === '*' || word === given[at]));
  return start === undefined ? refuse(`unknown command ${given[0]}`) : given.slice(start.length);
}

function readPrompt(cli: DocumentedCli, { options, positional }: Read): string {
  if (cli.prompt === 'positional')
    return positional.length === 1 ? (positional[0] ?? '') : refuse('one prompt is needed');
  if (positional.some((argument) => argument !== '-' || cli.dash !== true)) refuse('unexpected argument');
  if (cli.prompt === 'stdin') return readFileSync(0, 'utf8');
  if ('file' in cli.prompt) return readFileSync(options[cli.prompt.file]?.[0] ?? refuse('no file'), 'utf8');
  return options[cli.prompt.option]?.[0] ?? refuse('no prompt');
}

/** What it is asked to do; a prompt that was too long for an argument is in the file that it names. */
function wordsOf(prompt: string): string[] {
  const file = /^Your task is in the file (\S+)\. Read all/.exec(prompt)?.[1];
  const text = file === undefined ? prompt : readFileSync(file, 'utf8');
  return [...text.matchAll(/^Stand-in: (.*)$/gm)].map(([, word]) => word ?? '');
}

/** `later WORD` is for the attempts after the first. */
function whenItIsTime(word: string, prompt: string): string[] {
  const later = /^later (.*)$/.exec(word)?.[1];
  if (later === undefined) return [word];
  return prompt.includes('This is attempt ') ? [later] : [];
}

function attempt(path: string): string {
  try {
    writeFileSync(path, 'escaped\n');
    return `wrote ${path}`;
  } catch (error) {
    return `${path}: ${(error as NodeJS.ErrnoException).code}`;
  }
}

/** Of Claude Code: goes on with its session if it is told to, and keeps it. @returns the words of both */
function wordsOfSession(read: Read, prompt: string): string[] {
  const id = read.options['--resume']?.[0];
  const earlier = id === undefined ? [] : earlierPrompts(id);
  if (earlier === null) return refuse(`No conversation found with session ID: ${id}`);
  keepSession(USED.session, [...earlier, prompt]);
  const late = earlier.flatMap(wordsOf).flatMap((word) => /^resumed (.*)$/.exec(word)?.[1] ?? []);
  return id === undefined ? wordsOf(prompt) : late;
}

/** The prompt, the arguments and the names of the variables, for the test to look at. */
function leaveRecord(prompt: string, home: string | undefined): void {
  const record = { name, args, prompt, variables: Object.keys(process.env).sort(), home };
  writeFileSync('stand-in.json', `${JSON.stringify(record, null, 2)}\n`);
}

async function main(): Promise<void> {
  const cli = DOCUMENTED[name] ?? refuse(`${name} is not known`);
  const read = parse(cli, afterStart(cli, args));
  for (const oneOf of cli.unattended)
    if (!oneOf.some((option) => option in read.options))
      refuse(`${oneOf[0]} is missing: somebody would be asked`);
  const prompt = readPrompt(cli, read);
  const isClaude = name === 'claude';
  const settings = settingsOf(read.options['--settings']?.[0]);
  const words = (isClaude ? wordsOfSession(read, prompt) : wordsOf(prompt)).flatMap((word) =>
    whenItIsTime(word, prompt),
  );
  if (!cli.keys.some((key) => process.env[key] !== undefined) && !words.includes('no key'))
    refuse('no key is set');
  const print = PRINTERS[name] ?? plain;
  leaveRecord(prompt, process.env['HOME']);
  let message = 'Changed one file.';
  for (const word of words) {
    const [verb = '', rest = ''] = word.split(/ (.*)/);
    if (verb === 'fail') return end(print(message, rest), 1);
    if (verb === 'fails-with-0') return end(print(message, rest), 0);
    if (verb === 'exit') return end('', Number(rest));
    if (verb === 'malformed') return end('{"type": "resu', 0);
    if (verb === 'truncated') return end(print(message, null).slice(0, 40), 0);
    if (verb === 'endless') for (;;) writeSync(1, `${'x'.repeat(65_535)}\n`);
    // Of a stream, what comes first.
    if (verb === 'begins') writeSync(1, print('', null).replace(/\n[^]*/, '\n'));
    if (verb === 'hang') return void setInterval(() => undefined, 1_000);
    if (verb === 'report') writeFileSync(process.env['PLANWRIGHT_RESULT'] ?? '', rest);
    if (verb === 'writes') writeFileSync(rest.split(' ')[0] ?? '', `${rest.split(' ').slice(1).join(' ')}\n`);
    if (verb === 'tool-writes')
      message = writeByTool(settings, rest.split(' ')[0] ?? '', rest.split(' ').slice(1).join(' '));
    if (verb === 'litter') mkdirSync(rest, { recursive: true });
    if (verb === 'says') message = rest;
    if (verb === 'tells') message = `The key is ${process.env[rest]}`;
    if (verb === 'escape') message = rest.split(' ').map(attempt).join('; ');
    if (verb === 'asks') message = await (await fetch(rest)).text().catch((error: Error) => error.message);
    if (verb === 'reads') message = readFileSync(rest.replace('~', process.env['HOME'] ?? ''), 'utf8');
  }
  const told = endByHooks(settings, () => {
    for (const word of words) {
      const [, path, text] = /^when-told (\S+) (.*)$/.exec(word) ?? [];
      if (path !== undefined) writeFileSync(path, `${text}\n`);
    }
  });
  end(print([message, ...told].join('\n'), null), 0);
}

function end(text: string, code: number): void {
  writeSync(1, text);
  process.exitCode = code;
}

await main();
