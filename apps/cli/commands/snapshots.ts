import type { RewindPreviewView } from '#contracts/api/rewind.js';
import type { PruneReport, SnapshotView } from '#contracts/api/snapshots.js';
import { ApiClient } from '../api/client.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { given } from '../given.js';
import { findApi } from '../local/installation.js';
import { numberArgument } from '../number-argument.js';
import { colours, print, printJson, printTable, say } from '../output/output.js';
import { wantsJson, type FormatOptions } from './plans.js';

const SHORT = 12;
const short = (commit: string): string => commit.slice(0, SHORT);

/** The number of a task of a plan: 12.3 and 3 are the same one of plan 12. */
function taskArgument(plan: string, task: string | undefined): number | undefined {
  if (task === undefined) return undefined;
  const [, of = plan, number = task] = /^(\d+)\.(.*)$/.exec(task) ?? [];
  if (/^\d+$/.test(plan) && of !== plan)
    throw new CliError(EXIT.usage, `Task ${task} is none of plan ${plan}.`, `planwright show ${plan}`);
  return numberArgument('--task', number);
}

/** Gives the tip of a plan a name. */
export async function checkpoint(
  name: string,
  options: FormatOptions & { readonly plan: string; readonly task?: string },
): Promise<ExitCode> {
  const { plan } = options;
  const task = taskArgument(plan, options.task);
  const snapshot = await new ApiClient(findApi()).checkpoint(plan, given({ name, task }));
  if (wantsJson(options)) printJson('snapshot', snapshot);
  else say(`Checkpoint ${name} is ${short(snapshot.commit)}. Next: planwright rewind ${plan} --to ${name}`);
  return EXIT.ok;
}

/** The snapshots of a plan, or of one of its tasks, the latest first. */
export async function snapshots(
  plan: string,
  options: FormatOptions & { readonly task?: string; readonly kind?: string; readonly limit: string },
): Promise<ExitCode> {
  const limit = String(numberArgument('--limit', options.limit));
  const query = given({ limit, task: taskArgument(plan, options.task)?.toString(), kind: options.kind });
  const { items } = await new ApiClient(findApi()).snapshots(plan, query);
  if (wantsJson(options)) printJson('snapshots', items);
  else if (items.length === 0) say(`Plan ${plan} has no snapshot yet.`);
  else
    printTable([
      ['snapshot', 'kind', 'name', 'commit', 'files', 'created'].map(colours.dim),
      ...items.map(row),
    ]);
  return EXIT.ok;
}

function row(each: SnapshotView): string[] {
  const { task, sequence, kind, name, commit, files, createdAt, prunedAt } = each;
  const what = prunedAt === null ? kind : `${kind}, pruned`;
  const reference = task === null ? (name ?? '') : `${task}/${sequence}`;
  return [reference, what, name ?? '', short(commit), String(files.length), createdAt.slice(0, 16)];
}

export interface RewindOptions extends FormatOptions {
  readonly to: string;
  readonly keepIndependent?: boolean;
  readonly yes?: boolean;
  readonly preview?: string;
}

/** Shows what a rewind does; with --yes, it is done. */
export async function rewind(plan: string, options: RewindOptions): Promise<ExitCode> {
  const client = new ApiClient(findApi());
  const { to, keepIndependent = false, yes = false } = options;
  const seen =
    yes && options.preview !== undefined ? null : await client.previewRewind(plan, { to, keepIndependent });
  if (seen !== null && !wantsJson(options)) for (const line of lines(seen)) print(line);
  if (!yes) {
    if (wantsJson(options)) printJson('rewind-preview', seen);
    const keep = keepIndependent ? ' --keep-independent' : '';
    say(`Nothing was changed. Next: planwright rewind ${plan} --to ${to}${keep} --yes`);
    return EXIT.ok;
  }
  const preview = options.preview ?? seen?.preview;
  const after = await client.control(plan, 'rewind', { to, keepIndependent, preview });
  if (wantsJson(options)) printJson('plan', after);
  else {
    say(`Plan ${after.number} is ${after.status}, at ${short(after.tipCommit)}.`);
    if (after.pauseNote !== null) say(after.pauseNote);
    say(`Next: planwright resume ${after.number}`);
  }
  return EXIT.ok;
}

function lines(seen: RewindPreviewView): string[] {
  const name = ({ number, title }: { number: number; title: string }) => `  ${number}  ${title}`;
  const section = (title: string, items: readonly string[]) => (items.length === 0 ? [] : [title, ...items]);
  const commits = (each: RewindPreviewView['dropped']) =>
    each.map(({ commit, task }) => `  ${short(commit)}  task ${task}`);
  return [
    `From ${short(seen.fromCommit)} to ${short(seen.toCommit)} (${seen.to})`,
    ...section('Commits that leave the branch:', commits(seen.dropped)),
    ...section('Commits that come back:', commits(seen.regained)),
    ...section('Tasks that begin again:', seen.reset.map(name)),
    ...section('Tasks that count as done again:', seen.restored.map(name)),
    ...section('Tasks that are verified and integrated again:', seen.kept.map(name)),
    ...section(
      'Phases:',
      seen.phases.map((phase) => `  ${phase.position}  ${phase.name}: ${phase.from} → ${phase.to}`),
    ),
    ...section(
      'Files that change on the branch:',
      seen.files.map((file) => `  ${file.path}  ${file.status} +${file.addedLines} -${file.removedLines}`),
    ),
    ...section(
      'Refs that move in the hub:',
      seen.refs.map(({ ref, to }) => `  ${ref} → ${/^[0-9a-f]{40}/.test(to) ? short(to) : to}`),
    ),
    ...section(
      'The published branch alone, by hand:',
      seen.commands.map((command) => `  ${command}`),
    ),
  ];
}

export interface PruneOptions extends FormatOptions {
  readonly days: string;
  readonly plan?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** Shows what is old enough to go; with --yes, it goes. */
export async function prune(options: PruneOptions): Promise<ExitCode> {
  const confirm = options.yes === true && options.dryRun !== true;
  const report = await new ApiClient(findApi()).prune({
    days: numberArgument('--days', options.days),
    ...(options.plan === undefined ? {} : { plan: options.plan }),
    confirm,
  });
  if (wantsJson(options)) printJson('prune', report);
  else sayPruned(report, options);
  return EXIT.ok;
}

function sayPruned(report: PruneReport, { days, plan }: PruneOptions): void {
  const { removed, snapshots: count, diffs, diffBytes, refs, plans } = report;
  if (plans.length > 0)
    printTable([
      ['plan', 'name', 'snapshots', 'refs'].map(colours.dim),
      ...plans.map((each) => [`#${each.plan}`, each.name, String(each.snapshots), String(each.refs)]),
    ]);
  const what = `${count} snapshots with ${diffs} diffs (${diffBytes} bytes), and ${refs} refs of the hubs`;
  if (removed) return say(`Removed ${what}.`);
  if (count + refs === 0) return say(`Nothing is older than ${days} days, and needed no more.`);
  const of = plan === undefined ? '' : ` --plan ${plan}`;
  say(`Would remove ${what}. Next: planwright prune --days ${days}${of} --yes`);
}
