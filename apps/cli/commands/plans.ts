import type { PlanView } from '#contracts/api/plans.js';
import { ApiClient } from '../api/client.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { given } from '../given.js';
import { objectArgument } from '../json-argument.js';
import { findApi } from '../local/installation.js';
import { numberArgument } from '../number-argument.js';
import { colours, print, printJson, printTable, say } from '../output/output.js';
import { renderCost } from '../render/cost.js';
import { renderJobs, renderNext, renderPlan } from '../render/plan-tree.js';
import { renderStrength } from '../render/strength.js';
import { repositoryOf } from '../repository-argument.js';

export interface FormatOptions {
  readonly json?: boolean;
  readonly format?: 'text' | 'json';
}

export function wantsJson(options: FormatOptions): boolean {
  return options.json === true || options.format === 'json';
}

export interface InitOptions extends FormatOptions {
  readonly name: string;
  readonly description?: string;
  readonly metadataJson?: string;
  readonly repo: string;
}

const METADATA_EXAMPLE = `planwright init --name NAME --metadata-json '{"ticket": "A-1"}'`;

/** Creates a plan without phases; its number is what it prints. */
export async function init(options: InitOptions): Promise<ExitCode> {
  const { name, description, metadataJson } = options;
  const metadata = objectArgument('--metadata-json', metadataJson, METADATA_EXAMPLE);
  const plan = given({ name, description, metadata, phases: [] });
  const created = await new ApiClient(findApi()).createPlan({ repository: repositoryOf(options.repo), plan });
  for (const warning of created.warnings) say(`Note: ${warning}`);
  if (wantsJson(options)) printJson('plan', created);
  else {
    print(String(created.number));
    say(`Created plan ${created.number}. Next: planwright add-task ${created.number} --title …`);
  }
  return EXIT.ok;
}

/** Plans, the latest first. */
export async function list(
  options: FormatOptions & { readonly status?: string; readonly limit: string },
): Promise<ExitCode> {
  const query = {
    limit: String(numberArgument('--limit', options.limit)),
    ...(options.status === undefined ? {} : { status: options.status }),
  };
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
  /** The specs, what they would miss, and where the jobs of each attempt are. */
  readonly verbose?: boolean;
}

/** One plan as a tree; without a reference, the latest. */
export async function show(reference: string | undefined, options: ShowOptions): Promise<ExitCode> {
  const client = new ApiClient(findApi());
  const plan = await client.plan(reference ?? 'latest');
  if (wantsJson(options)) {
    printJson('plan', plan);
    return EXIT.ok;
  }
  for (const line of renderPlan(plan, Date.now(), colours)) print(line);
  for (const warning of plan.warnings) print(`Note: ${warning}`);
  if (plan.publishError !== null) print(`Not published: ${plan.publishError}`);
  const verbose = options.verbose === true;
  if (verbose || options.specs === true) await printSpecs(client, plan);
  if (verbose) for (const line of [...renderStrength(plan), ...renderJobs(plan, client.url)]) print(line);
  if (verbose) await showContracts(client, plan);
  for (const line of renderCost(plan)) print(line);
  print(`Branch ${plan.branch} from ${plan.baseBranch}, in ${plan.repository.origin}`);
  for (const line of renderNext(plan, colours)) print(line);
  return EXIT.ok;
}

async function printSpecs(client: ApiClient, plan: PlanView): Promise<void> {
  const { phases } = await client.exportPlan(plan.id);
  const specs = new Map(phases.flatMap((phase) => phase.tasks.map(({ key, spec }) => [key, spec])));
  for (const { number, key, title, effect } of plan.phases.flatMap((phase) => phase.tasks)) {
    if (effect === 'none') continue;
    const spec = specs.get(key);
    print(`\n${colours.bold(`Spec of ${plan.number}.${number}`)} ${title}`);
    print(spec === undefined ? '  none: it will be unverified' : indent(spec));
  }
}

async function showContracts(client: ApiClient, plan: PlanView): Promise<void> {
  const { items } = await client.contracts(plan.id);
  if (items.length > 0) (await import('../render/contract-table.js')).printContracts(items);
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '  ');
}

const DONE: Readonly<Record<string, string>> = {
  execute: 'runs',
  pause: 'pauses',
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
  else {
    const done = plan.status === 'paused' ? 'is paused' : (DONE[verb] ?? plan.status);
    say(
      `Plan ${plan.number} ${done}. Next: planwright ${verb === 'cancel' ? 'show' : 'watch'} ${plan.number}`,
    );
  }
  return EXIT.ok;
}

/** The exit code that tells a script how a plan stands. */
export function codeOf(plan: PlanView): ExitCode {
  if (plan.status === 'completed' || plan.archive?.from === 'completed') return EXIT.ok;
  if (plan.status === 'paused') return plan.pauseReason === 'spec' ? EXIT.inconclusive : EXIT.waiting;
  return plan.status === 'running' || plan.status === 'ready' ? EXIT.waiting : EXIT.failed;
}
