import { writeFile } from 'node:fs/promises';
import type { JudgementView, TaskVerdict } from '#contracts/api/judgements.js';
import type { TaskDetail } from '#contracts/api/plan-tasks.js';
import type { VerdictView } from '#contracts/api/plans.js';
import { toSarif } from '#contracts/spec/sarif.js';
import { ApiClient } from '../api/client.js';
import { ApiError } from '../api/transport.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
import { colours, envelope, print, say } from '../output/output.js';
import { renderExplanation } from '../render/explain.js';
import { renderVerdict } from '../render/verdict.js';

export interface ReportOptions {
  readonly json?: boolean;
  readonly format?: 'text' | 'json' | 'sarif';
  /** Where the report goes instead of the standard output. */
  readonly output?: string;
}

export interface VerifyOptions extends ReportOptions {
  readonly ref?: string;
  readonly checkpoint?: string;
  /** The last candidate, by the spec as it is now. */
  readonly again?: boolean;
  /** Nothing is handed in, even if it could be. */
  readonly dryRun?: boolean;
  /** Of the caller's claim, where it has a lease. */
  readonly token?: string;
  readonly verbose?: boolean;
}

const LOOK_MS = 150;
const PATIENCE_MS = 30 * 60_000;
const CODES: { readonly [O in VerdictView['outcome']]: ExitCode } = {
  pass: EXIT.ok,
  satisfied: EXIT.ok,
  fail: EXIT.failed,
  inconclusive: EXIT.inconclusive,
};

/** Judges work on a task: the caller's checkout, a ref, a checkpoint, or the last candidate again. */
export async function verifyTask(task: string, options: VerifyOptions): Promise<ExitCode> {
  const { ref, checkpoint, again = false } = options;
  if ([ref !== undefined, checkpoint !== undefined, again].filter(Boolean).length > 1)
    throw new CliError(
      EXIT.usage,
      '--ref, --checkpoint and --again stand alone.',
      'planwright verify-task --help',
    );
  if (again) refuseBeside('--again', { '--dry-run': options.dryRun, '--token': options.token });
  const client = new ApiClient(findApi());
  if (again) return verifyAgain(client, task, options);
  const asked =
    checkpoint === undefined ? await judgeWork(client, task, ref) : await client.judge(task, { checkpoint });
  const judged = await settled(
    () => client.judgement(asked.id),
    ({ status }) => status === 'done' || status === 'errored',
  );
  const { verdict, unverified, commit } = judged;
  if (verdict === null)
    throw new CliError(
      EXIT.inconclusive,
      `Task ${task} was not judged: ${judged.message ?? 'nobody says why'}.`,
    );
  await report(options, {
    kind: 'judgement',
    data: judged,
    sarif: async () =>
      toSarif(verdict, { task: nameOf(judged), title: (await client.task(task)).title, commit, unverified }),
    lines: renderVerdict(verdict, { verbose: options.verbose === true, unverified, colours }),
  });
  const passed = CODES[verdict.outcome] === EXIT.ok;
  if (!passed || options.dryRun === true) return CODES[verdict.outcome];
  return judged.completes ? handIn(client, task, judged, options.token) : EXIT.ok;
}

async function judgeWork(client: ApiClient, task: string, ref: string | undefined): Promise<JudgementView> {
  const { withWork } = await import('../local/submit.js');
  return withWork(client, { task, ref, verb: 'verify-task' }, (work) => client.judge(task, work));
}

/** What passed is the caller's to hand in: it is verified and lands like any other work. */
async function handIn(
  client: ApiClient,
  task: string,
  { handed }: JudgementView,
  token: string | undefined,
): Promise<ExitCode> {
  await client.decide(task, 'submit', { commit: handed ?? '', token });
  say(`Task ${task}: handed in.`);
  return follow(client, task);
}

/** What judges the last candidate again moves the task, and hands in nothing of the caller's. */
function refuseBeside(option: string, given: Readonly<Record<string, unknown>>): void {
  const [other] = Object.keys(given).filter((name) => given[name] !== undefined);
  if (other === undefined) return;
  const why = `${option} judges what is handed in already: ${other} says nothing of that.`;
  throw new CliError(EXIT.usage, why, 'planwright verify-task --help');
}

async function verifyAgain(client: ApiClient, task: string, options: VerifyOptions): Promise<ExitCode> {
  await client.decide(task, 'verify');
  const code = await follow(client, task);
  await reportLast(await client.verdict(task), options);
  return code;
}

const UNDER_WAY: readonly TaskDetail['status'][] = ['verifying', 'integrating'];

/** Waits until the verifier and the lane are done with a task. */
async function follow(client: ApiClient, task: string): Promise<ExitCode> {
  const { status, commit, attempts, plan } = await settled(
    () => client.task(task),
    (now) => !UNDER_WAY.includes(now.status),
  );
  if (status === 'completed' || status === 'satisfied') {
    say(
      `Task ${task}: ${status}${commit === null ? '' : `, ${commit.slice(0, 12)} on the plan branch`}. Next: planwright show ${plan}`,
    );
    return EXIT.ok;
  }
  if (status === 'awaiting_review') {
    say(`Task ${task} waits for a review. Next: planwright approve ${task}`);
    return EXIT.waiting;
  }
  const last = attempts.at(-1);
  say(`Task ${task} is ${status}: ${last?.message ?? ''}\nNext: planwright explain ${task}`);
  return last?.failure === 'inconclusive' ? EXIT.inconclusive : EXIT.failed;
}

/** Why a task is where it is, and its last verdict in full. */
export async function explain(task: string, options: ReportOptions): Promise<ExitCode> {
  const client = new ApiClient(findApi());
  const detail = await client.task(task);
  const last = await client.verdict(task).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 409) return null;
    throw error;
  });
  const lines = renderExplanation(await client.plan(detail.planId), detail.number, last, colours);
  await report(options, {
    kind: 'explanation',
    data: { task: detail, last },
    sarif: async () => (last === null ? noVerdict(task) : sarifOf(last)),
    lines,
  });
  return EXIT.ok;
}

function noVerdict(task: string): never {
  throw new CliError(EXIT.failed, `Task ${task} has no verdict yet.`, `planwright explain ${task}`);
}

function reportLast(last: TaskVerdict, options: VerifyOptions): Promise<void> {
  const { verdict, unverified } = last;
  const lines = renderVerdict(verdict, { verbose: options.verbose === true, unverified, colours });
  return report(options, { kind: 'verdict', data: last, sarif: async () => sarifOf(last), lines });
}

function sarifOf({ plan, task, title, commit, unverified, verdict }: TaskVerdict): object {
  return toSarif(verdict, { task: `${plan}.${task}`, title, commit, unverified });
}

function nameOf({ plan, task }: JudgementView): string {
  return `${plan}.${task}`;
}

interface Report {
  readonly kind: string;
  readonly data: unknown;
  readonly sarif: () => Promise<object>;
  readonly lines: readonly string[];
}

/** Prints a report in the format that was asked for, or writes it to a file. */
async function report(options: ReportOptions, { kind, data, sarif, lines }: Report): Promise<void> {
  const format = options.json === true ? 'json' : (options.format ?? 'text');
  const text =
    format === 'text'
      ? lines.join('\n')
      : JSON.stringify(format === 'json' ? envelope(kind, data) : await sarif(), null, 2);
  if (options.output === undefined) return print(text);
  await writeFile(options.output, `${text}\n`);
  say(`${lines[0] ?? ''}\nWrote ${options.output}.`);
}

/** Looks until it is as asked. @throws CliError when nobody gets on with it */
async function settled<T>(look: () => Promise<T>, done: (seen: T) => boolean): Promise<T> {
  for (const began = performance.now(); performance.now() - began < PATIENCE_MS;) {
    const seen = await look();
    if (done(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new CliError(EXIT.inconclusive, 'Nobody judged it within half an hour.', 'planwright status');
}
