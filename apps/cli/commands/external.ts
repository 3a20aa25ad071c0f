import type { TaskContextView } from '#contracts/api/external.js';
import { ApiClient } from '../api/client.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { given } from '../given.js';
import { findApi } from '../local/installation.js';
import { numberArgument } from '../number-argument.js';
import { colours, print, printJson, printTable, say } from '../output/output.js';
import { decide } from './people.js';
import { wantsJson, type FormatOptions } from './plans.js';

export interface ReadyOptions extends FormatOptions {
  readonly needs?: string;
  readonly plan?: string;
}

/** Tasks that can be claimed now. */
export async function ready(options: ReadyOptions): Promise<ExitCode> {
  const { needs, plan } = options;
  const items = await new ApiClient(findApi()).ready(given({ needs, plan }));
  if (wantsJson(options)) printJson('ready', items);
  else if (items.length === 0) say('Nothing can be claimed now.');
  else {
    printTable([
      ['task', 'title', 'plan', 'needs', 'for', 'why'].map(colours.dim),
      ...items.map((each) => [
        each.task,
        each.title,
        each.planName,
        each.needs.join(', '),
        each.assignedTo ?? '',
        each.why,
      ]),
    ]);
    say(`Next: planwright claim ${items[0]?.task ?? 'TASK'}`);
  }
  return EXIT.ok;
}

/** Takes a task, under a lease where one is asked for. */
export function claim(task: string, options: FormatOptions & { readonly lease?: string }): Promise<ExitCode> {
  if (options.lease === undefined) return decide('claim', task, options);
  return decide('claim', task, options, { leaseSeconds: numberArgument('--lease', options.lease) });
}

export async function heartbeat(
  task: string,
  options: FormatOptions & { readonly token: string },
): Promise<ExitCode> {
  const answer = await new ApiClient(findApi()).heartbeat(task, options.token);
  if (wantsJson(options)) printJson('heartbeat', answer);
  else say(`Task ${task} is yours until ${answer.until}.`);
  return EXIT.ok;
}

export async function context(task: string, options: FormatOptions): Promise<ExitCode> {
  const answer = await new ApiClient(findApi()).taskContext(task);
  if (wantsJson(options)) printJson('context', answer);
  else for (const line of inLines(answer)) print(line);
  return EXIT.ok;
}

function inLines(told: TaskContextView): string[] {
  const { task, title, base, prompt, note, spec } = told;
  const section = (name: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', colours.dim(name), ...lines];
  return [
    `${task} ${title}`,
    `on ${base.commit.slice(0, 12)}, branch ${base.branch}`,
    ...section('Prompt', prompt === '' ? [] : [prompt]),
    ...section('Note', note === null ? [] : [note]),
    ...section('Needs', told.needs.length === 0 ? [] : [told.needs.join(', ')]),
    ...section('May write', told.writes),
    ...section('May change, though protected', told.mayChange),
    ...section('Handed to you', handed(told.assignment)),
    ...section(
      'Answers',
      told.answers.flatMap(({ question, answer }) => [question, `  ${answer}`]),
    ),
    ...section(
      'Before it',
      told.dependencies.map((each) => `${each.task} ${each.title}: ${each.status}${remark(each.note)}`),
    ),
    ...section(
      'Judged by',
      spec === null ? [] : [...spec.words.map((line) => `- ${line}`), spec.yaml.trimEnd()],
    ),
    ...section(
      'Rejected last for',
      told.violations.map(({ rule, message, file }) => `- ${rule}: ${message}${file ? ` (${file})` : ''}`),
    ),
    ...section('Rejected last', told.rejectedDiff === '' ? [] : [told.rejectedDiff.trimEnd()]),
    ...section(
      'Like it',
      told.analogous.flatMap(({ items }) =>
        items.map(({ file, startLine, signature }) => `${file}:${startLine}  ${signature}`),
      ),
    ),
  ];
}

function remark(note: string | null): string {
  return note === null ? '' : `, "${note}"`;
}

function handed(assignment: TaskContextView['assignment']): string[] {
  if (assignment === null) return [];
  const { assignedTo, note, context } = assignment;
  const free = Object.keys(context).length === 0 ? [] : [JSON.stringify(context, null, 2)];
  return [`for ${assignedTo}`, ...(note === null ? [] : [note]), ...free];
}
