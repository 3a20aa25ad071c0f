import { Option, type Command } from 'commander';
import type { FormatOptions } from '../commands/plans.js';
import type { PruneOptions, RewindOptions } from '../commands/snapshots.js';
import { finish } from './finish.js';
import { json } from './options.js';

const snapshots = () => import('../commands/snapshots.js');

/** Verbs about what plans made before, and the way back to it. */
export function addSnapshotCommands(program: Command): void {
  program
    .command('checkpoint <name>')
    .description('give the tip of a plan a name, to look at it or to go back to it')
    .requiredOption('--plan <plan>', 'the plan')
    .option('--task <task>', 'count it among the snapshots of this task, too: 12.3, or 3')
    .addOption(json())
    .action(
      finish(async (name: string, options: FormatOptions & { plan: string; task?: string }) =>
        (await snapshots()).checkpoint(name, options),
      ),
    );
  program
    .command('snapshots <plan>')
    .description('what there is to look at and to go back to, the latest first')
    .option('--task <task>', 'only those of this task: 12.3, or 3')
    .addOption(
      new Option('--kind <kind>', 'only those of this kind').choices([
        'before',
        'candidate',
        'failed',
        'landed',
        'checkpoint',
      ]),
    )
    .option('--limit <n>', 'at most this many', '50')
    .addOption(json())
    .action(
      finish(async (plan: string, options: FormatOptions & { limit: string }) =>
        (await snapshots()).snapshots(plan, options),
      ),
    );
  program
    .command('rewind <plan>')
    .description('take a plan back to where it was; without --yes, it only says what that does')
    .requiredOption(
      '--to <target>',
      'a checkpoint; 12.3: right after task 3; before/12.3; 12.3/2: its snapshot 2; base; lineage/4: what an earlier rewind left',
    )
    .option('--keep-independent', 'integrate again what does not depend on the first task that is undone')
    .option('--yes', 'do it')
    .option('--preview <hash>', 'with --yes: only if it still does what the preview with this hash said')
    .addOption(json())
    .action(
      finish(async (plan: string, options: RewindOptions) => (await snapshots()).rewind(plan, options)),
    );
  program
    .command('prune')
    .description('remove old snapshots that nothing needs any more; without --yes, it only says which')
    .requiredOption('--days <n>', 'only what is older')
    .option('--plan <plan>', 'only of this plan')
    .option('--dry-run', 'say what would go, whatever else is asked')
    .option('--yes', 'do it')
    .addOption(json())
    .action(finish(async (options: PruneOptions) => (await snapshots()).prune(options)));
}
