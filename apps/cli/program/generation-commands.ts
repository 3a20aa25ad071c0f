import { Option, type Command } from 'commander';
import type { GenerateOptions } from '../commands/generate.js';
import type { FormatOptions } from '../commands/plans.js';
import { finish } from './finish.js';
import { json } from './options.js';

/** Verbs about plans that models write, and about what became of plans. */
export function addGenerationCommands(program: Command): void {
  program
    .command('generate [title]')
    .description('have a model write a plan for a repository; prints its number')
    .option('--description <text>', 'what is wanted')
    .option('--file <file>', 'what is wanted, as a text; its first heading is the title when none is given')
    .option('--repo <path>', 'the repository: a path or a git URL', '.')
    .option('--base <ref>', 'the branch, tag or commit that work starts from')
    .option('--target <branch>', 'the branch that it is for')
    .option('--model <model>', 'the model that plans')
    .addOption(
      new Option('--effort <effort>', 'how hard it thinks').choices([
        'low',
        'medium',
        'high',
        'xhigh',
        'max',
      ]),
    )
    .option('--executor-json <json>', 'who carries its tasks out, as in a plan file; a model by default')
    .option('--watch', 'wait until it is written, and show it')
    .option('--execute', 'start it as soon as it is written, and follow it')
    .option('--again <plan>', 'write a draft of which nothing came, from what was asked before')
    .addOption(json())
    .action(
      finish(async (title: string | undefined, options: GenerateOptions) =>
        (await import('../commands/generate.js')).generate(title, options),
      ),
    );
  program
    .command('iterations <plan> [n]')
    .description('what became of a plan: who or which model changed what, when, and at which cost')
    .option('--raw', 'print the text of a model that could not be used, as it came')
    .addOption(json())
    .action(
      finish(
        async (plan: string, n: string | undefined, options: FormatOptions & { readonly raw?: boolean }) =>
          (await import('../commands/iterations.js')).iterations(plan, n, options),
      ),
    );
}
