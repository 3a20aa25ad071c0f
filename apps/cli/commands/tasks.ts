import { readFileSync } from 'node:fs';
import type { TaskDetail } from '#contracts/api/plan-tasks.js';
import { ApiClient } from '../api/client.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { given } from '../given.js';
import { findApi } from '../local/installation.js';
import { numberArgument } from '../number-argument.js';
import { printJson, say } from '../output/output.js';
import type { ProgressOptions } from './people.js';
import { wantsJson, type FormatOptions } from './plans.js';

export interface AddPhaseOptions extends FormatOptions {
  readonly name: string;
  readonly description?: string;
  readonly mode: string;
  readonly approval?: string;
  readonly atEnd?: string;
  readonly concurrency?: string;
}

export async function addPhase(reference: string, options: AddPhaseOptions): Promise<ExitCode> {
  const { name, description, mode, approval, atEnd } = options;
  const concurrency =
    options.concurrency === undefined ? undefined : numberArgument('--concurrency', options.concurrency);
  const changed = await new ApiClient(findApi()).addPhase({
    planId: reference,
    ...given({ name, mode, description, approval, atEnd, concurrency }),
  });
  if (wantsJson(options)) printJson('plan', changed);
  else
    say(
      `Added phase "${name}" to plan ${changed.number}. Next: planwright add-task ${changed.number} --title …`,
    );
  return EXIT.ok;
}

export interface TaskOptions extends FormatOptions {
  readonly title?: string;
  readonly description?: string;
  readonly spec?: string;
  readonly command?: string;
  readonly timeout?: string;
  readonly checkout?: boolean;
  /** A file. */
  readonly patch?: string;
  readonly milestone?: boolean;
  readonly waitFor?: string;
  readonly waitUntil?: string;
  readonly waitEvent?: string;
  readonly external?: boolean;
  readonly effect?: string;
  readonly assignedTo?: string;
  readonly dependsOn?: readonly string[];
  readonly mayChange?: readonly string[];
  readonly writes?: readonly string[];
  readonly supersedes?: readonly string[];
  readonly needs?: readonly string[];
  readonly profile?: string;
}

/** @param phase number of the phase; the last one when absent */
export async function addTask(
  reference: string,
  options: TaskOptions & { readonly phase?: string },
): Promise<ExitCode> {
  const phase = options.phase === undefined ? undefined : numberArgument('--phase', options.phase);
  if (executorOf(options) === undefined && options.needs === undefined && options.profile === undefined)
    throw new CliError(
      EXIT.usage,
      'Nobody carries the task out: it needs --command, --patch, --milestone, --wait-for, --wait-until, --wait-event, --external, --profile or --needs.',
      'planwright add-task --help',
    );
  const place = { planId: reference, ...(phase === undefined ? {} : { phase }) };
  const client = new ApiClient(findApi());
  const added = await client.addTask({ ...place, ...taskBody(options) });
  const task = options.spec === undefined ? added : await onceSeen(client, added);
  if (task.specOnBase === 'green')
    say("Note: its spec is green on the plan's base already: it would prove nothing.");
  if (wantsJson(options)) printJson('task', task);
  else say(`Added task ${task.plan}.${task.number} "${task.title}". Next: planwright execute ${task.plan}`);
  return EXIT.ok;
}

const SEEN_MS = 2_000;
const LOOK_MS = 100;

/** A verifier looks at the spec on the plan's base at once, where there is one and it is free. */
async function onceSeen(client: ApiClient, task: TaskDetail): Promise<TaskDetail> {
  let seen = task;
  for (let waited = 0; waited < SEEN_MS && seen.specOnBase === null; waited += LOOK_MS) {
    if (seen.dependsOn.length > 0) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    seen = await client.task(task.id);
  }
  return seen;
}

/**
 * Changes a task; who it is assigned to and how far they are is no edit of the plan, and possible while it runs.
 *
 * @param number of the task, where the first argument names only its plan
 */
export async function updateTask(
  reference: string,
  number: string | undefined,
  options: TaskOptions & ProgressOptions,
): Promise<ExitCode> {
  const task = number === undefined ? reference : `${reference}.${number}`;
  const { status, assignedTo, ...edited } = options;
  const body = taskBody(edited);
  if (status !== undefined || assignedTo !== undefined) {
    if (Object.keys(body).length > 0)
      throw new CliError(
        EXIT.usage,
        'Edit a task before its plan starts; --status and --assigned-to stand alone.',
      );
    return (await import('./people.js')).report(task, options);
  }
  if (Object.keys(body).length === 0)
    throw new CliError(EXIT.usage, 'Nothing to change.', 'planwright update-task --help');
  const updated = await new ApiClient(findApi()).updateTask(task, body);
  if (wantsJson(options)) printJson('task', updated);
  else say(`Changed task ${task}.`);
  return EXIT.ok;
}

function taskBody(options: TaskOptions): Record<string, unknown> {
  const {
    title,
    description: prompt,
    dependsOn,
    mayChange,
    writes,
    supersedes,
    effect,
    assignedTo,
  } = options;
  return given({
    title,
    prompt,
    dependsOn,
    mayChange,
    writes,
    supersedes,
    needs: options.needs?.flatMap((names) => names.split(',')).filter((name) => name !== ''),
    profile: options.profile === 'none' ? null : options.profile,
    spec: options.spec === undefined ? undefined : readText('spec', options.spec),
    effect,
    assignedTo,
    executor: executorOf(options),
  });
}

/** As the options say it, contradictions too: the API knows what fits together. */
function executorOf(options: TaskOptions): Record<string, unknown> | undefined {
  const { command, timeout, checkout, patch, milestone, external, waitFor, waitUntil, waitEvent } = options;
  const wait = given({
    for: waitFor,
    until: waitUntil,
    event: waitEvent,
    timeout: waitEvent === undefined ? undefined : timeout,
  });
  const executor = given({
    command,
    timeout: waitEvent === undefined ? timeout : undefined,
    checkout,
    patch: patch === undefined ? undefined : readText('patch', patch),
    milestone: milestone === true ? {} : undefined,
    external: external === true ? {} : undefined,
    wait: Object.keys(wait).length === 0 ? undefined : wait,
  });
  return Object.keys(executor).length === 0 ? undefined : executor;
}

function readText(what: 'spec' | 'patch', file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(EXIT.failed, `The ${what} ${file} cannot be read: ${(error as Error).message}`);
  }
}
