import type { AssignmentView } from '#contracts/api/assignments.js';
import { ApiClient } from '../api/client.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { given } from '../given.js';
import { objectArgument } from '../json-argument.js';
import { findApi } from '../local/installation.js';
import { colours, print, printJson, printTable, say } from '../output/output.js';
import { repositoryOf } from '../repository-argument.js';
import { wantsJson, type FormatOptions } from './plans.js';

export interface AssignOptions extends FormatOptions {
  readonly to?: string;
  readonly nobody?: boolean;
  readonly agent?: boolean;
  readonly note?: string;
  readonly contextJson?: string;
  readonly token?: string;
}

/** Says whose a task, or a work item, is. */
export function assign(target: string, options: AssignOptions): Promise<ExitCode> {
  const { to, nobody = false, note } = options;
  if ((to === undefined) !== nobody)
    throw new CliError(EXIT.usage, 'Say --to NAME, or --nobody.', 'planwright assign --help');
  const body = { assignedTo: to ?? null, ...kindOf(options), note, context: contextOf(options) };
  return step(target, 'assign', options, `is ${to === undefined ? 'nobody’s' : `${to}’s`} now`, body);
}

/** Gives it to somebody else, with what is known; a claim of it is given back. */
export function handOver(target: string, options: AssignOptions): Promise<ExitCode> {
  const { to, note, token } = options;
  if (token !== undefined && target.startsWith('w'))
    throw new CliError(
      EXIT.usage,
      `--token is of a claim of a task; ${target} is a work item.`,
      'planwright handover --help',
    );
  const body = { assignedTo: to, ...kindOf(options), note, context: contextOf(options), token };
  return step(target, 'hand-over', options, `is ${to ?? ''}’s now`, body);
}

/** A step that work items alone have, such as `close`; `said` is what it is then. */
export async function stepItem(
  item: string,
  verb: string,
  options: FormatOptions,
  said: string,
  body?: object,
): Promise<ExitCode> {
  const answer = await new ApiClient(findApi()).stepItem(item, verb, body);
  return tell(item, 'workItem', answer, options, said);
}

/** One step of whoever has it, such as `pause`; `said` is what it is then. */
export async function step(
  target: string,
  verb: string,
  options: FormatOptions,
  said: string,
  body?: object,
): Promise<ExitCode> {
  const answer = await new ApiClient(findApi()).stepWork(target, verb, body);
  return tell(target, 'plan' in answer ? 'task' : 'workItem', answer, options, said);
}

function tell(
  target: string,
  kind: 'task' | 'workItem',
  answer: object,
  options: FormatOptions,
  said: string,
): ExitCode {
  if (wantsJson(options)) printJson(kind, answer);
  else say(`${target} ${said}. Next: planwright assignments ${target}`);
  return EXIT.ok;
}

export interface ListOptions extends FormatOptions {
  readonly to?: string;
  readonly all?: boolean;
}

/** Whose a task, or a work item, is and was; without one, who has what. */
export async function assignments(target: string | undefined, options: ListOptions): Promise<ExitCode> {
  const { to, all = false } = options;
  const client = new ApiClient(findApi());
  const query = given({ assignedTo: to, all: String(all) });
  const items = target === undefined ? await client.assignments(query) : await client.assignmentsOf(target);
  if (wantsJson(options)) printJson('assignments', items);
  else if (items.length === 0) say('Nothing is assigned.');
  else printTable([['', 'whose', 'status', 'since', 'by', 'note'].map(colours.dim), ...items.map(row)]);
  return EXIT.ok;
}

function row(each: AssignmentView): string[] {
  const { task, workItem, title, assignedTo, status, endedAt, pausedAt, startedAt, assignedAt } = each;
  return [
    `${task ?? workItem ?? ''} ${title}`,
    assignedTo,
    status,
    endedAt ?? pausedAt ?? startedAt ?? assignedAt,
    each.assignedBy,
    each.note ?? '',
  ];
}

export async function addWorkItem(
  options: FormatOptions & { readonly repo: string; readonly title: string; readonly description?: string },
): Promise<ExitCode> {
  const { repo, title, description } = options;
  const body = { repository: repositoryOf(repo), title, description };
  const item = await new ApiClient(findApi()).addWorkItem(body);
  if (wantsJson(options)) printJson('workItem', item);
  else {
    print(`w${item.number}`);
    say(`Next: planwright assign w${item.number} --to NAME`);
  }
  return EXIT.ok;
}

export async function workItems(options: FormatOptions & { readonly status?: string }): Promise<ExitCode> {
  const { status } = options;
  const items = await new ApiClient(findApi()).workItems(given({ status }));
  if (wantsJson(options)) printJson('workItems', items);
  else if (items.length === 0) say('There are no work items.');
  else {
    printTable([
      ['item', 'title', 'status', 'whose', 'repository'].map(colours.dim),
      ...items.map(({ number, title, status: now, assignedTo, repository }) => [
        `w${number}`,
        title,
        now,
        assignedTo ?? '',
        repository.name,
      ]),
    ]);
  }
  return EXIT.ok;
}

export async function workItem(item: string, options: FormatOptions): Promise<ExitCode> {
  const found = await new ApiClient(findApi()).workItem(item);
  if (wantsJson(options)) printJson('workItem', found);
  else {
    const { number, title, status, assignedTo, description } = found;
    print(`w${number} ${title}`);
    print(`${status}, ${assignedTo === null ? 'nobody’s' : `${assignedTo}’s`}`);
    if (description !== '') print(`\n${description}`);
  }
  return EXIT.ok;
}

function kindOf({ agent = false }: AssignOptions): { readonly kind?: 'agent' } {
  return agent ? { kind: 'agent' } : {};
}

function contextOf({ contextJson }: AssignOptions): unknown {
  return objectArgument('--context-json', contextJson, `--context-json '{"branch": "mine"}'`);
}
