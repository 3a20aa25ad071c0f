import { readFile } from 'node:fs/promises';
import { ApiClient } from '../api/client.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
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
  const client = new ApiClient(findApi());
  const plan = await client.plan(reference);
  const { name, description, mode, approval, atEnd } = options;
  const concurrency = options.concurrency === undefined ? undefined : Number(options.concurrency);
  const changed = await client.addPhase({
    planId: plan.id,
    ...given({ name, mode, description, approval, atEnd, concurrency }),
  });
  if (wantsJson(options)) printJson('plan', changed);
  else
    say(`Added phase "${name}" to plan ${plan.number}. Next: planwright add-task ${plan.number} --title …`);
  return EXIT.ok;
}

export interface TaskOptions extends FormatOptions {
  readonly title?: string;
  readonly description?: string;
  readonly spec?: string;
  readonly command?: string;
  readonly timeout?: string;
  readonly checkout?: boolean;
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
}

/** @param phase number of the phase; the last one when absent */
export async function addTask(
  reference: string,
  options: TaskOptions & { readonly phase?: string },
): Promise<ExitCode> {
  const client = new ApiClient(findApi());
  const plan = await client.plan(reference);
  const phase =
    options.phase === undefined
      ? plan.phases.at(-1)
      : plan.phases.find((each) => String(each.position) === options.phase);
  if (phase === undefined) {
    const what = options.phase === undefined ? 'no phase yet' : `no phase ${options.phase}`;
    throw new CliError(
      EXIT.failed,
      `Plan ${plan.number} has ${what}.`,
      `planwright add-phase ${plan.number} --name NAME --mode sequential`,
    );
  }
  const task = await client.addTask({ phaseId: phase.id, ...(await taskBody(options)) });
  if (wantsJson(options)) printJson('task', task);
  else
    say(
      `Added task "${options.title}" to phase ${phase.position} of plan ${plan.number}. Next: planwright execute ${plan.number}`,
    );
  return EXIT.ok;
}

/** Changes a task; who it is assigned to and how far they are is no edit of the plan, and possible while it runs. */
export async function updateTask(task: string, options: TaskOptions & ProgressOptions): Promise<ExitCode> {
  const { status, assignedTo, ...edited } = options;
  const body = await taskBody(edited);
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

async function taskBody(options: TaskOptions): Promise<Record<string, unknown>> {
  const { title, description: prompt, dependsOn, mayChange, writes, effect, assignedTo } = options;
  return given({
    title,
    prompt,
    dependsOn,
    mayChange,
    writes,
    spec: options.spec === undefined ? undefined : await readSpec(options.spec),
    effect,
    assignedTo,
    executor: executorOf(options),
  });
}

/** As the options say it, contradictions too: the API knows what fits together. */
function executorOf(options: TaskOptions): Record<string, unknown> | undefined {
  const { command, timeout, checkout, milestone, external, waitFor, waitUntil, waitEvent } = options;
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
    milestone: milestone === true ? {} : undefined,
    external: external === true ? {} : undefined,
    wait: Object.keys(wait).length === 0 ? undefined : wait,
  });
  return Object.keys(executor).length === 0 ? undefined : executor;
}

/** What was given on the command line. */
function given(body: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}

async function readSpec(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CliError(EXIT.failed, `The spec ${file} cannot be read: ${(error as Error).message}`);
  }
}
