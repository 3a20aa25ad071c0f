import type { DeliveryPreviewView, DeliveryView } from '#contracts/api/deliveries.js';
import { ApiClient } from '../api/client.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
import { print, printJson, say } from '../output/output.js';
import { wantsJson, type FormatOptions } from './plans.js';

export interface FinishOptions extends FormatOptions {
  readonly merge?: boolean;
  readonly pullRequest?: boolean;
  readonly print?: boolean;
  readonly target?: string;
  readonly resolveWith?: string;
  readonly dryRun?: boolean;
  readonly watch?: boolean;
}

const WAIT_MS = 500;
const SHORT = 12;
const SHOWN = 20;
const OPEN: readonly DeliveryView['status'][] = ['preparing', 'verifying', 'delivering'];

/** Brings a plan to its target branch; with --dry-run, says how the two stand to each other. */
export async function finishPlan(plan: string, options: FinishOptions): Promise<ExitCode> {
  const client = new ApiClient(findApi());
  if (options.dryRun === true) return dryRun(client, plan, options);
  const way = wayOf(options);
  const { target, resolveWith } = options;
  const asked = await client.finish(plan, {
    ...(way === undefined ? {} : { way }),
    ...(target === undefined ? {} : { target }),
    ...(resolveWith === undefined ? {} : { executor: { command: resolveWith } }),
  });
  const delivery = options.watch === true ? await untilEnded(client, plan, asked) : asked;
  if (wantsJson(options)) printJson('delivery', delivery);
  else sayDelivery(plan, delivery);
  return exitCodeOf(delivery);
}

function wayOf({ merge, pullRequest, print: byHand }: FinishOptions): DeliveryView['way'] | undefined {
  if (merge === true) return 'merge';
  if (pullRequest === true) return 'pull_request';
  return byHand === true ? 'print' : undefined;
}

async function dryRun(client: ApiClient, plan: string, options: FinishOptions): Promise<ExitCode> {
  const seen = await client.previewDelivery(plan, options.target);
  if (wantsJson(options)) printJson('delivery-preview', seen);
  else for (const line of previewLines(seen)) print(line);
  const target = options.target === undefined ? '' : ` --target ${options.target}`;
  if (!wantsJson(options)) say(`Nothing was changed. Next: planwright finish ${plan}${target} --watch`);
  return EXIT.ok;
}

function previewLines({ branch, tip, behind, ahead, touches, conflicts }: DeliveryPreviewView): string[] {
  const list = (title: string, files: readonly string[]): string[] => {
    const more = files.length > SHOWN ? [`  … and ${files.length - SHOWN} more`] : [];
    return files.length === 0 ? [] : [title, ...files.slice(0, SHOWN).map((file) => `  ${file}`), ...more];
  };
  const merges = conflicts.length === 0 ? 'They merge.' : 'They do not merge.';
  return [
    `${branch} is at ${tip.slice(0, SHORT)}: the plan is ${ahead} ahead and ${behind} behind. ${merges}`,
    ...list('Changed on both sides:', touches),
    ...list('Conflicts:', conflicts),
  ];
}

async function untilEnded(client: ApiClient, plan: string, asked: DeliveryView): Promise<DeliveryView> {
  let now = asked;
  while (OPEN.includes(now.status)) {
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    const before: DeliveryView['status'] = now.status;
    now = await client.delivery(plan, asked.number);
    if (now.status !== before && OPEN.includes(now.status)) say(`Delivery ${now.number} is ${now.status}.`);
  }
  return now;
}

function sayDelivery(plan: string, delivery: DeliveryView): void {
  const { number, status, targetBranch, outcome, pullRequest, commands, message, remedy, targetCommit } =
    delivery;
  if (message !== null) {
    say(message);
    return say(`Next: ${remedy ?? `planwright show ${plan}`}`);
  }
  if (outcome === 'merged') return say(`Merged into ${targetBranch}: ${delivery.commit?.slice(0, SHORT)}.`);
  if (outcome === 'contained')
    return say(`${targetBranch} (${targetCommit?.slice(0, SHORT)}) has it all already.`);
  if (outcome === 'opened') return say(`Pull request ${pullRequest?.number}: ${pullRequest?.url}`);
  if (outcome === null)
    return say(`Delivery ${number} to ${targetBranch} is ${status}. Next: planwright finish ${plan} --watch`);
  say(`It is up to date with ${targetBranch}, and verified. To merge it by hand:`);
  for (const command of commands) print(command);
}

function exitCodeOf({ status }: DeliveryView): ExitCode {
  if (status === 'conflict') return EXIT.waiting;
  return status === 'failed' ? EXIT.failed : EXIT.ok;
}
