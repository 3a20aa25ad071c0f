import type { Command } from 'commander';
import type { LogsOptions } from '../commands/logs.js';
import type { FormatOptions } from '../commands/plans.js';
import { finish } from './finish.js';
import { json } from './options.js';

/** Verbs about what attempts say, show and ask. */
export function addSessionCommands(program: Command): void {
  program
    .command('logs <plan-or-task>')
    .description('what the last attempt at each task of a plan, or at one task, printed')
    .option('--follow', 'go on as it comes, until the plan is at rest', false)
    .option('--failed', 'every attempt that failed instead', false)
    .option('--attempt <n>', 'this attempt instead')
    .option('--transcript', 'the conversation of a model, with its tools and what they returned', false)
    .addOption(json())
    .action(
      finish(async (reference: string, options: LogsOptions) =>
        (await import('../commands/logs.js')).logs(reference, options),
      ),
    );
  program
    .command('answer <task> <text>')
    .description('answer what a task asks; its session goes on with it')
    .addOption(json())
    .action(
      finish(async (task: string, answer: string, options: FormatOptions) =>
        (await import('../commands/people.js')).decide('answer', task, options, { answer }),
      ),
    );
}
