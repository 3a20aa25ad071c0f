import path from 'node:path';
import pc from 'picocolors';
import type { PlanView } from '#contracts/api/plans.js';
import { listenForStop, type StopSignals } from '#platform/supervisor/stop-signals.js';
import { StackStoppedError } from '#platform/supervisor/supervisor.js';
import { ApiClient } from '../api/client.js';
import { codeOf } from '../commands/plans.js';
import { askInTerminal } from '../commands/run.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { readPlanFile } from '../plan-file.js';
import { LiveView } from '../render/live-view.js';
import { renderNext, renderPlan, span, type Colours } from '../render/plan-tree.js';
import { watchPlan } from '../watch-plan.js';
import { rewindAndReturn } from './demo-rewind.js';
import { createDemoRepository, DEMO_PLAN, SCRIPTED_DEMO } from './demo-repository.js';
import type { DemoRun, DemoTold } from './demo-run.js';
import { generatedDemo } from './generated-demo.js';
import { openStack, type RunningStack } from './stack.js';
import { aborted } from './up.js';

export interface DemoOptions {
  /** Approves without asking. */
  readonly yes: boolean;
  /** Leaves when the plan rests, instead of staying up. */
  readonly exit: boolean;
  /** Prints the final state as JSON on standard output. */
  readonly json: boolean;
  /** A model that answers by a script writes the plan and does the work; without it, scripts of the repository do. */
  readonly agent?: 'scripted';
}

/** `planwright demo`: the stack, a sample repository, and a real plan on it. @returns the exit code */
export async function demo(options: DemoOptions): Promise<ExitCode> {
  const signals = listenForStop();
  const out = options.json ? process.stderr : process.stdout;
  const view = new LiveView(out);
  const colours = pc.createColors(pc.isColorSupported && view.live);
  let stack: RunningStack | undefined;
  try {
    const scripted = options.agent === 'scripted';
    const model = scripted ? ', scripted model' : '';
    view.print(colours.dim(`Starting Planwright: Postgres, API, executor-worker, verifier-worker${model} …`));
    const log = (line: string): void => view.print(colours.yellow(line));
    stack = await openStack({
      log,
      stop: signals.stop,
      hurry: signals.hurry,
      ...(scripted ? { modelScript: SCRIPTED_DEMO.model } : {}),
    });
    const run = await prepare(stack, options, view, colours, signals.stop);
    const told = scripted ? await generatedDemo(run) : await writtenDemo(run);
    if (options.json) process.stdout.write(`${JSON.stringify(told.json, null, 2)}\n`);
    const { plan } = told;
    summarize(plan, stack.url, view, colours);
    for (const line of told.lines) view.print(line);
    const code = signals.stop.aborted ? EXIT.interrupted : codeOf(plan);
    await stayUp(stack, options, view, signals);
    return code;
  } catch (error) {
    if (error instanceof StackStoppedError) return EXIT.interrupted;
    throw error;
  } finally {
    await stack?.own?.stop();
    signals.dispose();
  }
}

async function prepare(
  stack: RunningStack,
  options: DemoOptions,
  view: LiveView,
  colours: Colours,
  signal: AbortSignal,
): Promise<DemoRun> {
  const client = new ApiClient({ url: stack.url, token: stack.token });
  const repository = await createDemoRepository(
    path.join(stack.home.root, 'demo'),
    process.env['PATH'] ?? '',
  );
  view.print(colours.dim(`Sample repository: ${repository}`));
  const approve = askInTerminal({ yes: options.yes, view, signal });
  const carryOut = async (planId: string): Promise<PlanView> => {
    await client.control(planId, 'execute');
    const plan = await watchPlan(planId, { client, view, colours, signal, approve });
    if (!view.live) for (const line of renderPlan(plan, Date.now(), colours)) view.print(line);
    return plan;
  };
  return { client, repository, view, colours, signal, carryOut };
}

/** A plan that people wrote. */
async function writtenDemo(run: DemoRun): Promise<DemoTold> {
  const { client, repository, view, colours, signal } = run;
  const created = await client.createPlan({ repository, plan: readPlanFile(DEMO_PLAN) });
  const ended = await run.carryOut(created.id);
  const plan = signal.aborted ? ended : await rewindAndReturn(client, ended, view, colours);
  return { plan, json: plan, lines: [] };
}

function summarize(plan: PlanView, url: string, view: LiveView, colours: Colours): void {
  const tasks = plan.phases.flatMap((phase) => phase.tasks);
  const address = `${url}/api/plans/${plan.number}`;
  view.print('');
  if (plan.status !== 'completed') {
    view.print(colours.yellow(`Plan ${plan.number} is ${plan.status}.`));
    for (const line of renderNext(plan, colours)) view.print(line);
    view.print(address);
    return;
  }
  const commits = tasks.filter((task) => task.commit !== null);
  const verified = tasks.filter((task) => task.verified === true).length;
  const repeated = tasks.filter((task) => task.attempts.length > 1).length;
  view.print(
    `${colours.green('Completed')} in ${span(plan.startedAt, plan.finishedAt, 0)}: ${verified} of ${tasks.length} tasks verified, ${repeated} needed another attempt.`,
  );
  view.print(
    `Branch    ${colours.bold(plan.branch)}${plan.publishedCommit === null ? '' : ` in ${plan.repository.origin}`}`,
  );
  for (const task of commits) {
    view.print(
      `  ${colours.cyan(task.commit?.slice(0, 8) ?? '')}  ${plan.number}.${task.number}  ${task.title}`,
    );
    view.print(colours.dim(`            ${task.attempts.at(-1)?.verdict?.summary ?? ''}`));
  }
  view.print(`Look      git -C ${plan.repository.origin} log --oneline ${plan.baseBranch}..${plan.branch}`);
  view.print(`State     ${address}`);
}

async function stayUp(
  stack: RunningStack,
  options: DemoOptions,
  view: LiveView,
  signals: StopSignals,
): Promise<void> {
  if (options.exit || stack.own === null || signals.stop.aborted) return;
  view.print(`\nPlanwright stays up at ${stack.url}. Ctrl-C ends it.`);
  await aborted(signals.stop);
}
