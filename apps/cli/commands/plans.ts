import type { PlanView } from '#contracts/api/plans.js';
import { ApiClient } from '../api/client.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
import { colours, print, printJson, printTable, say } from '../output/output.js';
import { renderPlan } from '../render/plan-tree.js';

export interface FormatOptions {
  readonly json?: boolean;
  readonly format?: 'text' | 'json';
}

export function wantsJson(options: FormatOptions): boolean {
  return options.json === true || options.format === 'json';
}

/** Plans, the latest first. */
export async function list(
  options: FormatOptions & { readonly status?: string; readonly limit: string },
): Promise<ExitCode> {
  const query = { limit: options.limit, ...(options.status === undefined ? {} : { status: options.status }) };
  const plans = await new ApiClient(findApi()).plans(query);
  if (wantsJson(options)) printJson('plans', plans);
  else if (plans.length === 0) say('There is no plan yet. Next: planwright run plan.yaml --repo PATH');
  else {
    const rows = plans.map((plan) => [
      `#${plan.number}`,
      plan.status,
      plan.name,
      plan.repository.name,
      plan.createdAt.slice(0, 16),
    ]);
    printTable([['plan', 'status', 'name', 'repository', 'created'].map(colours.dim), ...rows]);
  }
  return EXIT.ok;
}

export interface ShowOptions extends FormatOptions {
  /** The text of each task's spec as well. */
  readonly specs?: boolean;
}

/** One plan as a tree; without a reference, the latest. */
export async function show(reference: string | undefined, options: ShowOptions): Promise<ExitCode> {
  const client = new ApiClient(findApi());
  const plan = await client.plan(reference ?? (await latest(client)));
  if (wantsJson(options)) {
    printJson('plan', plan);
    return EXIT.ok;
  }
  for (const line of renderPlan(plan, Date.now(), colours)) print(line);
  if (plan.pauseReason !== null) print(`Paused: ${plan.pauseReason}. ${plan.pauseNote ?? ''}`.trimEnd());
  for (const warning of plan.warnings) print(`Note: ${warning}`);
  if (plan.publishError !== null) print(`Not published: ${plan.publishError}`);
  if (options.specs === true) await printSpecs(client, plan);
  print(`Branch ${plan.branch} from ${plan.baseBranch}, in ${plan.repository.origin}`);
  return EXIT.ok;
}

async function printSpecs(client: ApiClient, plan: PlanView): Promise<void> {
  for (const { number } of plan.phases.flatMap((phase) => phase.tasks)) {
    const { specId, title } = await client.task(`${plan.number}.${number}`);
    print(`\n${colours.bold(`Spec of ${plan.number}.${number}`)} ${title}`);
    print(specId === null ? '  none: it will be unverified' : indent((await client.spec(specId)).specYaml));
  }
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '  ');
}

async function latest(client: ApiClient): Promise<string> {
  const [plan] = await client.plans({ limit: '1' });
  if (plan === undefined)
    throw new CliError(EXIT.failed, 'There is no plan yet.', 'planwright run plan.yaml --repo PATH');
  return plan.id;
}

const DONE: Readonly<Record<string, string>> = {
  execute: 'runs',
  pause: 'pauses: what runs goes on to its end',
  resume: 'runs again',
  cancel: 'is cancelled; what landed stays',
};

/** `execute`, `pause`, `resume`, `cancel`. */
export async function control(
  verb: string,
  reference: string,
  options: FormatOptions,
  body?: object,
): Promise<ExitCode> {
  const plan = await new ApiClient(findApi()).control(reference, verb, body);
  if (wantsJson(options)) printJson('plan', plan);
  else say(`Plan ${plan.number} ${DONE[verb] ?? plan.status}. Next: planwright watch ${plan.number}`);
  return EXIT.ok;
}

/** The exit code that tells a script how a plan stands. */
export function codeOf(plan: PlanView): ExitCode {
  if (plan.status === 'completed') return EXIT.ok;
  if (plan.status === 'paused') return plan.pauseReason === 'spec' ? EXIT.inconclusive : EXIT.waiting;
  return plan.status === 'running' || plan.status === 'ready' ? EXIT.waiting : EXIT.failed;
}
