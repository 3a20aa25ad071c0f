import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { PlanView } from '#contracts/api/plans.js';
import { ApiClient } from '../api/client.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { followGeneration } from '../follow-generation.js';
import { given } from '../given.js';
import { objectArgument } from '../json-argument.js';
import { findApi } from '../local/installation.js';
import { colours, print, printJson, say } from '../output/output.js';
import { renderPlan } from '../render/plan-tree.js';
import { repositoryOf } from '../repository-argument.js';
import { wantsJson, type FormatOptions } from './plans.js';

export interface GenerateOptions extends FormatOptions {
  readonly description?: string;
  readonly file?: string;
  readonly repo: string;
  readonly base?: string;
  readonly target?: string;
  readonly model?: string;
  readonly effort?: string;
  readonly executorJson?: string;
  readonly watch?: boolean;
  readonly execute?: boolean;
  readonly again?: string;
}

const EXAMPLE = `planwright generate "Add a rate limit" --executor-json '{"external": {}}'`;

/** Has a model write a plan; with `watch` or `execute`, waits for it. */
export async function generate(title: string | undefined, options: GenerateOptions): Promise<ExitCode> {
  const client = new ApiClient(findApi());
  const asked = await ask(client, title, options);
  for (const warning of asked.warnings) say(`Note: ${warning}`);
  if (options.watch !== true && options.execute !== true) {
    if (wantsJson(options)) printJson('plan', asked);
    else {
      print(String(asked.number));
      say(`Plan ${asked.number} is being written. Next: planwright show ${asked.number}`);
    }
    return EXIT.ok;
  }
  const plan = await untilWritten(client, asked);
  if (plan.status === 'ready' && options.execute === true) {
    await client.control(plan.id, 'execute');
    return (await import('./run.js')).follow(plan.id, options);
  }
  if (wantsJson(options)) printJson('plan', plan);
  else for (const line of renderPlan(plan, Date.now(), colours)) print(line);
  if (plan.status === 'ready') say(`Next: planwright execute ${plan.number}`);
  return plan.status === 'ready' ? EXIT.ok : EXIT.failed;
}

async function ask(
  client: ApiClient,
  title: string | undefined,
  options: GenerateOptions,
): Promise<PlanView> {
  const { file, base, target, model, effort, executorJson, again } = options;
  const described = file === undefined ? options.description : await textOf(file);
  const executor = objectArgument('--executor-json', executorJson, EXAMPLE);
  const choice = given({ description: described, model, effort, executor });
  if (again !== undefined) return client.control(again, 'generate', choice);
  const named = title ?? headingOf(described ?? '') ?? (file === undefined ? undefined : basename(file));
  if (named === undefined)
    throw new CliError(EXIT.usage, 'What is the plan about?', 'planwright generate "Add a rate limit"');
  return client.generatePlan({
    repository: repositoryOf(options.repo),
    title: named.slice(0, 200),
    ...choice,
    ...given({ base, target }),
  });
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CliError(EXIT.usage, `${file} cannot be read: ${(error as Error).message}`);
  }
}

/** The first heading of a text in Markdown. */
function headingOf(text: string): string | undefined {
  return /^#\s+(.+)$/m.exec(text)?.[1]?.trim();
}

/** Tells of every step until the plan is written, or nothing came of it. */
async function untilWritten(client: ApiClient, asked: PlanView): Promise<PlanView> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const plan = await followGeneration(client, asked, say, stop.signal);
  if (plan.status === 'draft')
    say(`Nothing came of it. Next: planwright generate --again ${plan.number} --watch`);
  return plan;
}
