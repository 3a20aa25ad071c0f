import type { Command } from 'commander';
import type { ReadyOptions } from '../commands/external.js';
import type { FormatOptions } from '../commands/plans.js';
import { finish } from './finish.js';
import { json } from './options.js';

const external = () => import('../commands/external.js');

/** Verbs of whoever works outside, beside those that people have. */
export function addExternalCommands(program: Command): void {
  program
    .command('ready')
    .description('tasks that can be claimed now')
    .option('--needs <names>', 'what you can do, as typescript,sql: only tasks that need nothing else')
    .option('--plan <plan>', 'only those of this plan')
    .addOption(json())
    .action(finish(async (options: ReadyOptions) => (await external()).ready(options)));
  program
    .command('context <task>')
    .description(
      'what whoever carries a task out has to know: prompt, spec, what was rejected, what came before',
    )
    .addOption(json())
    .action(
      finish(async (task: string, options: FormatOptions) => (await external()).context(task, options)),
    );
  program
    .command('heartbeat <task>')
    .description('extend the lease of your claim: you still work on the task')
    .requiredOption('--token <token>', 'as the claim was answered with it')
    .addOption(json())
    .action(
      finish(async (task: string, options: FormatOptions & { token: string }) =>
        (await external()).heartbeat(task, options),
      ),
    );
}
