import type { AttemptView, PlanView, TaskView } from '#contracts/api/plans.js';
import type { OutputView, TranscriptView } from '#contracts/api/sessions.js';
import { ApiClient } from '../api/client.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
import { numberArgument } from '../number-argument.js';
import { colours, print, printJson, say } from '../output/output.js';
import { wantsJson, type FormatOptions } from './plans.js';

export interface LogsOptions extends FormatOptions {
  readonly follow?: boolean;
  readonly failed?: boolean;
  readonly attempt?: string;
  readonly transcript?: boolean;
}

/** An attempt whose output is shown. */
interface Source {
  readonly task: string;
  readonly title: string;
  readonly attempt: AttemptView;
}

const LOOK_MS = 700;
const UNDER_WAY: readonly string[] = ['running', 'pausing'];

/** What attempts of a plan, or of one task, printed and said. */
export async function logs(reference: string, options: LogsOptions): Promise<ExitCode> {
  const client = new ApiClient(findApi());
  const plan = await client.plan(planOf(reference));
  const sources = sourcesOf(plan, reference, options);
  if (options.follow !== true) {
    if (sources.length === 0) say('No such attempt has begun.');
    if (options.transcript === true) return printTranscripts(client, sources, options);
    return printOutputs(client, sources, options);
  }
  await follow(client, plan.id, reference, options);
  return EXIT.ok;
}

/** `12.3` is a task of plan 12. */
function planOf(reference: string): string {
  return /^(\d+)\.\d+$/.exec(reference)?.[1] ?? reference;
}

/** Of each task its latest attempt, unless another one, or all that failed, are asked for. */
function sourcesOf(plan: PlanView, reference: string, { attempt, failed }: LogsOptions): Source[] {
  const number = /^\d+\.(\d+)$/.exec(reference)?.[1];
  const tasks = plan.phases.flatMap((phase) => phase.tasks);
  const chosen = number === undefined ? tasks : tasks.filter((task) => task.number === Number(number));
  if (number !== undefined && chosen.length === 0)
    throw new CliError(EXIT.failed, `Plan ${plan.number} has no task ${number}.`);
  const wanted = attempt === undefined ? null : numberArgument('--attempt', attempt);
  return chosen.flatMap((task) =>
    attemptsOf(task, wanted, failed === true).map((each) => ({
      task: `${plan.number}.${task.number}`,
      title: task.title,
      attempt: each,
    })),
  );
}

function attemptsOf({ attempts }: TaskView, wanted: number | null, failed: boolean): AttemptView[] {
  const begun = attempts.filter(({ status }) => status !== 'queued');
  if (wanted !== null) return begun.filter(({ number }) => number === wanted);
  return failed ? begun.filter(({ failure }) => failure !== null) : begun.slice(-1);
}

async function printOutputs(
  client: ApiClient,
  sources: readonly Source[],
  options: LogsOptions,
): Promise<ExitCode> {
  const shown: { task: string; attempt: number; text: string }[] = [];
  for (const source of sources) {
    let text = '';
    for await (const page of outputOf(client, source)) text += page.items.map((item) => item.text).join('');
    shown.push({ task: source.task, attempt: source.attempt.number, text });
    if (wantsJson(options)) continue;
    print(headOf(source));
    if (text !== '') print(text.trimEnd());
  }
  if (wantsJson(options)) printJson('logs', shown);
  return EXIT.ok;
}

async function* outputOf(client: ApiClient, { task, attempt }: Source): AsyncGenerator<OutputView> {
  for (let after = 0; ;) {
    const page = await client.attemptOutput(task, attempt.number, after);
    yield page;
    if (page.items.length === 0 || page.complete) return;
    after = page.items.at(-1)?.seq ?? after;
  }
}

async function printTranscripts(
  client: ApiClient,
  sources: readonly Source[],
  options: LogsOptions,
): Promise<ExitCode> {
  const shown: { task: string; attempt: number; messages: TranscriptView['items'] }[] = [];
  for (const source of sources) {
    const messages = await transcriptOf(client, source);
    shown.push({ task: source.task, attempt: source.attempt.number, messages });
    if (wantsJson(options)) continue;
    print(headOf(source));
    for (const { role, content } of messages) {
      print(colours.bold(role));
      for (const block of content) print(blockText(block as Readonly<Record<string, unknown>>));
    }
  }
  if (wantsJson(options)) printJson('transcript', shown);
  return EXIT.ok;
}

async function transcriptOf(client: ApiClient, { task, attempt }: Source): Promise<TranscriptView['items']> {
  const messages: TranscriptView['items'] = [];
  for (;;) {
    const page = await client.transcript(task, attempt.number, messages.at(-1)?.seq ?? 0);
    messages.push(...page.items);
    if (page.items.length === 0 || page.complete) return messages;
  }
}

function blockText(block: Readonly<Record<string, unknown>>): string {
  switch (block['type']) {
    case 'tool_use':
      return colours.cyan(`> ${String(block['name'])} ${JSON.stringify(block['input'])}`);
    case 'tool_result':
      return colours.dim(String(block['content']));
    case 'thinking':
      return colours.dim(`(thinking) ${String(block['thinking'])}`);
    case 'text':
      return String(block['text']);
    default:
      return colours.dim(`(${String(block['type'])})`);
  }
}

/** Shows what comes, of every attempt that begins, until the plan is at rest. */
async function follow(
  client: ApiClient,
  planId: string,
  reference: string,
  options: LogsOptions,
): Promise<void> {
  const seen = new Map<string, number>();
  let last = '';
  for (;;) {
    const plan = await client.planPatiently(planId);
    for (const source of sourcesOf(plan, reference, options)) {
      const key = `${source.task}/${source.attempt.number}`;
      const page = await client.attemptOutput(source.task, source.attempt.number, seen.get(key) ?? 0);
      if (page.items.length === 0) continue;
      if (key !== last) print(headOf(source));
      last = key;
      process.stdout.write(page.items.map(({ text }) => text).join(''));
      seen.set(key, page.items.at(-1)?.seq ?? 0);
    }
    if (!UNDER_WAY.includes(plan.status) || isAtRest(plan)) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Everything of it waits for people. */
function isAtRest(plan: PlanView): boolean {
  const tasks = plan.phases.flatMap((phase) => phase.tasks);
  return (
    tasks.some(({ status }) => status === 'awaiting_answer') &&
    !tasks.some(({ status }) => MOVES.includes(status))
  );
}

const MOVES: readonly string[] = ['ready', 'waiting', 'queued', 'executing', 'verifying', 'integrating'];

function headOf({ task, title, attempt }: Source): string {
  const { number, status, failure } = attempt;
  return colours.bold(`— ${task} ${title}, attempt ${number} (${failure ?? status})`);
}
