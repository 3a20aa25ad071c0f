import { createInterface } from 'node:readline/promises';
import type { PlanView } from '#contracts/api/plans.js';
import { ApiClient } from '../api/client.js';
import { createFromFile } from '../create-from-file.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
import { colours, print, printJson, say } from '../output/output.js';
import { LiveView } from '../render/live-view.js';
import { renderNext, renderPlan } from '../render/plan-tree.js';
import { repositoryOf } from '../repository-argument.js';
import { watchPlan, type Approver } from '../watch-plan.js';
import { codeOf, wantsJson, type FormatOptions } from './plans.js';

export interface RunOptions extends FormatOptions {
  readonly repo: string;
  /** Approves without asking. */
  readonly yes?: boolean;
  /** Creates and starts, and does not wait for the end. */
  readonly detach?: boolean;
}

/** Creates a plan from a file, starts it, and follows it to where it rests. */
export async function run(file: string, options: RunOptions): Promise<ExitCode> {
  const client = new ApiClient(findApi());
  const created = await createFromFile(client, { file, repository: repositoryOf(options.repo) });
  for (const warning of created.warnings) say(`Note: ${warning}`);
  const started = await client.control(created.id, 'execute');
  if (options.detach === true) {
    if (wantsJson(options)) printJson('plan', started);
    else say(`Plan ${created.number} runs. Next: planwright watch ${created.number}`);
    return EXIT.ok;
  }
  return follow(created.id, options, started);
}

export type WatchOptions = FormatOptions & { readonly yes?: boolean };

/** Follows a plan by its reference. */
export async function watch(reference: string, options: WatchOptions): Promise<ExitCode> {
  const { id } = await new ApiClient(findApi()).plan(reference);
  return follow(id, options);
}

/**
 * Follows a plan to where it rests: ended, paused, or waiting for an approval that nobody here gives.
 *
 * @param seen the plan as it was a moment ago, where it was read
 */
export async function follow(id: string, options: WatchOptions, seen?: PlanView): Promise<ExitCode> {
  const client = new ApiClient(findApi());
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once('SIGINT', interrupt);
  const view = new LiveView(wantsJson(options) ? process.stderr : process.stdout);
  const approve = askInTerminal({ yes: options.yes === true, view, signal: stop.signal });
  try {
    const plan = await watchPlan(id, { client, view, colours, signal: stop.signal, approve, seen });
    if (wantsJson(options)) printJson('plan', plan);
    else if (!view.live) for (const line of renderPlan(plan, Date.now(), colours)) print(line);
    for (const line of renderNext(plan, colours)) say(line);
    return stop.signal.aborted ? EXIT.interrupted : codeOf(plan);
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

/** Asks on the terminal; where there is none, the plan waits. */
export function askInTerminal(options: {
  readonly yes: boolean;
  readonly view: LiveView;
  readonly signal: AbortSignal;
}): Approver {
  return async ({ question }) => {
    if (options.yes) return 'approve';
    if (!process.stdin.isTTY || !options.view.live) return 'wait';
    const readline = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await readline.question(`${question} [Y/n] `, { signal: options.signal });
      return /^(y|yes|)$/i.test(answer.trim()) ? 'approve' : 'wait';
    } catch {
      return 'wait';
    } finally {
      readline.close();
    }
  };
}
