import { Option, type Command } from 'commander';
import type { ReviewOptions } from '../commands/reviews.js';
import type { FormatOptions } from '../commands/plans.js';
import { finish } from './finish.js';
import { json } from './options.js';

const reviews = () => import('../commands/reviews.js');
const TYPES = ['refine_descriptions', 'add_missing', 'optimize_order', 'break_down'];

/** Verbs about reviews of plans by a model. */
export function addReviewCommands(program: Command): void {
  program
    .command('review <plan> [review]')
    .description('have a model say what it would change of a plan; or show what it said, by its number')
    .addOption(new Option('--type <type>', 'what it looks for').choices(TYPES).default('refine_descriptions'))
    .option('--phase <phase>', 'only this phase: its number or id')
    .option('--task <task>', 'only this task: its number, key or id')
    .option('--instructions <text>', 'what it is to look at besides')
    .option('--model <model>', 'another model than the one for reviews')
    .addOption(
      new Option('--effort <effort>', 'how hard it thinks').choices([
        'low',
        'medium',
        'high',
        'xhigh',
        'max',
      ]),
    )
    .option('--no-wait', 'leave it to itself')
    .addOption(json())
    .action(
      finish(async (plan: string, review: string | undefined, options: ReviewOptions) =>
        (await reviews()).review(plan, review, options),
      ),
    );
  program
    .command('apply <plan> <review> [index...]')
    .description('apply suggestions of a review: those of these indices, or all')
    .option('--dry-run', 'show what would change, and change nothing')
    .addOption(json())
    .addHelpText('after', '\nExit codes: 0 all applied, 1 some left out, each with its reason.')
    .action(
      finish(
        async (
          plan: string,
          review: string,
          indices: readonly string[],
          options: FormatOptions & { dryRun?: boolean },
        ) => (await reviews()).apply(plan, review, indices, options),
      ),
    );
}
