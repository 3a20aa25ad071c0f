import { readFileSync } from 'node:fs';
import { ApiClient } from '../api/client.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { objectArgument } from '../json-argument.js';
import { findApi } from '../local/installation.js';
import type { ClaimedTask } from '#contracts/api/external.js';
import type { TaskDetail } from '#contracts/api/plan-tasks.js';
import { numberArgument } from '../number-argument.js';
import { colours, print, printJson, say } from '../output/output.js';
import { wantsJson, type FormatOptions } from './plans.js';

const DONE: Readonly<Record<string, string>> = {
  approve: 'approved',
  reject: 'rejected',
  answer: 'answered: it goes on',
  retry: 'will be tried again',
  skip: 'skipped',
  complete: 'completed; nobody verified it',
  claim: 'claimed: no worker gets it',
  release: 'given back',
  fail: 'given up',
  submit: 'handed in; it is verified now',
  assign: 'assigned',
};

/** One verb of a person about one task. */
export async function decide(
  verb: string,
  task: string,
  options: FormatOptions,
  body?: object,
): Promise<ExitCode> {
  const answer = await new ApiClient(findApi()).decide(task, verb, body);
  return show(verb, task, options, answer);
}

export interface RetryOptions extends FormatOptions {
  readonly prompt?: string;
  readonly executorJson?: string;
  readonly note?: string;
}

const RETRY_EXAMPLE = `planwright retry TASK --executor-json '{"command": "make fix"}'`;

/** Tries a failed task again, by another prompt or executor where one is given. */
export function retry(task: string, options: RetryOptions): Promise<ExitCode> {
  const { prompt, note, executorJson } = options;
  const executor = objectArgument('--executor-json', executorJson, RETRY_EXAMPLE);
  return decide('retry', task, options, { prompt, note, executor });
}

export interface SubmitOptions extends FormatOptions {
  readonly ref?: string;
  /** A file, or `-` for what is piped in. */
  readonly patch?: string;
  readonly token?: string;
}

function patchText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CliError(EXIT.failed, `The patch ${file} cannot be read: ${(error as Error).message}`);
  }
}

/** Hands work in: a patch, the checkout that the caller stands in, or a ref of the plan's repository. */
export async function submit(task: string, options: SubmitOptions): Promise<ExitCode> {
  const { token } = options;
  if (options.patch !== undefined)
    return decide('submit', task, options, { patch: patchText(options.patch), token });
  const { withWork } = await import('../local/submit.js');
  const client = new ApiClient(findApi());
  const named = { task, ref: options.ref, verb: 'submit' } as const;
  return show(
    'submit',
    task,
    options,
    await withWork(client, named, (work) => client.decide(task, 'submit', { ...work, token })),
  );
}

export interface ProgressOptions extends FormatOptions {
  readonly status?: string;
  readonly assignedTo?: string;
  readonly note?: string;
  readonly ref?: string;
  readonly token?: string;
}

/** Whose the task is, and how far they are: `in-progress`, `completed` or `failed`. */
export async function report(task: string, options: ProgressOptions): Promise<ExitCode> {
  const { status, assignedTo, note, token } = options;
  if (assignedTo !== undefined) {
    const code = await decide('assign', task, status === undefined ? options : {}, { assignedTo });
    if (status === undefined) return code;
  }
  if (status === 'in-progress') return decide('claim', task, options);
  if (status === 'failed') return decide('fail', task, options, { note: required(note), token });
  const { effect } = await new ApiClient(findApi()).task(task);
  return effect === 'none'
    ? decide('complete', task, options, { note: required(note), token })
    : submit(task, options);
}

/** Answers for the phase that waits, or for the one of that number. */
export async function answerPhase(
  verb: 'approve' | 'reject',
  reference: string,
  options: FormatOptions & { readonly phase?: string; readonly note?: string },
): Promise<ExitCode> {
  const number = options.phase === undefined ? undefined : numberArgument('--phase', options.phase);
  const client = new ApiClient(findApi());
  const plan = await client.plan(reference);
  const phase = plan.phases.find(({ status, position }) =>
    number === undefined ? status === 'awaiting_approval' : position === number,
  );
  if (phase === undefined) {
    const what = number === undefined ? 'no phase that waits for an approval' : `no phase ${number}`;
    throw new CliError(EXIT.failed, `Plan ${plan.number} has ${what}.`, `planwright show ${plan.number}`);
  }
  const changed = await client.answerPhase(
    phase.id,
    verb,
    options.note === undefined ? undefined : { note: options.note },
  );
  if (wantsJson(options)) printJson('plan', changed);
  else say(`Phase ${phase.position} of plan ${plan.number}: ${DONE[verb]}. The plan is ${changed.status}.`);
  return EXIT.ok;
}

function show(
  verb: string,
  task: string,
  options: FormatOptions,
  answer: TaskDetail & Partial<ClaimedTask>,
): ExitCode {
  if (wantsJson(options)) printJson('task', answer);
  else {
    const by = answer.effect === 'none' ? `complete ${task} --note …` : `submit ${task}`;
    const next = verb === 'claim' ? by : `show ${answer.plan}`;
    const { lease } = answer;
    const until = lease ? ` until ${lease.until}, token ${lease.token}` : '';
    const token = lease ? ` --token ${lease.token}` : '';
    say(`Task ${task}: ${DONE[verb] ?? verb}${until}. Next: planwright ${next}${token}`);
  }
  return EXIT.ok;
}

export interface DiffOptions extends FormatOptions {
  readonly sequence?: string;
  readonly from?: string;
  readonly to?: string;
  readonly checkpoint?: string;
}

/** What was made of a task last, or what its snapshots hold, as git shows it. */
export async function diff(task: string, options: DiffOptions): Promise<ExitCode> {
  const query: Record<string, string> = {};
  for (const name of ['sequence', 'from', 'to'] as const) {
    const text = options[name];
    if (text !== undefined) query[name] = String(numberArgument(`--${name}`, text));
  }
  if (options.checkpoint !== undefined) query['checkpoint'] = options.checkpoint;
  const answer = await new ApiClient(findApi()).diff(task, query);
  if (wantsJson(options)) printJson('diff', answer);
  else {
    for (const { path, text } of answer.files)
      print(text?.trimEnd() ?? `${path}: binary, or too long to show`);
    const { from, to, patchId } = answer;
    const name = patchId === null ? '' : `, patch-id ${patchId}`;
    say(colours.dim(`Task ${task}: ${from.slice(0, 12)}..${to.slice(0, 12)}${name}`));
  }
  return EXIT.ok;
}

function required(note: string | undefined): string {
  if (note !== undefined) return note;
  throw new CliError(EXIT.usage, 'This needs --note: what was done, or why not.');
}
