import { Option, type Command } from 'commander';
import type { FinishOptions } from '../commands/finish.js';
import { finish } from './finish.js';
import { json } from './options.js';

/** Verbs about the way of a plan to its target branch. */
export function addDeliveryCommands(program: Command): void {
  program
    .command('finish <plan>')
    .description('bring a completed plan up to date with its target branch, verify it again, and deliver it')
    .addOption(new Option('--merge', 'push it to the target branch').conflicts(['pullRequest', 'print']))
    .addOption(new Option('--pull-request', 'open a pull request').conflicts(['merge', 'print']))
    .option('--print', 'say how to merge it by hand; what happens where no forge is known')
    .option('--target <branch>', "another branch than the plan's own")
    .option('--resolve-with <command>', 'what resolves conflicts, if there are any; else a person does')
    .option('--dry-run', 'only say how the plan and the branch stand to each other')
    .option('--watch', 'stay until it has ended')
    .addOption(json())
    .addHelpText(
      'after',
      '\nExit codes with --watch: 0 delivered, 1 failed, 3 it does not merge and a person has to resolve it. See docs/delivery.md.',
    )
    .action(
      finish(async (plan: string, options: FinishOptions) =>
        (await import('../commands/finish.js')).finishPlan(plan, options),
      ),
    );
}
