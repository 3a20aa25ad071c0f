import type { Command } from 'commander';
import type { AnalyticsOptions } from '../commands/analytics.js';
import type { BudgetOptions } from '../commands/spend.js';
import type { FormatOptions } from '../commands/plans.js';
import { finish } from './finish.js';
import { json } from './options.js';

const analytics = () => import('../commands/analytics.js');
const spend = () => import('../commands/spend.js');

/** Verbs about what work costs, and what comes of it. */
export function addSpendCommands(program: Command): void {
  program
    .command('update-plan <plan>')
    .description('say what the calls of models of a plan may cost, also while it runs')
    .option('--budget <usd>', 'all of them together, such as 5.00, or none: as configured')
    .option('--attempt-budget <usd>', 'those of one attempt')
    .addOption(json())
    .action(
      finish(async (plan: string, options: BudgetOptions) => (await spend()).updatePlan(plan, options)),
    );
  program
    .command('estimate <plan>')
    .description('what the tasks of a plan may cost from now on, and what that is based on')
    .addOption(json())
    .action(finish(async (plan: string, options: FormatOptions) => (await spend()).estimate(plan, options)));
  program
    .command('spend')
    .description('what calls of models cost, per day in UTC and in all')
    .option('--days <n>', 'so many days, today included', '30')
    .addOption(json())
    .action(finish(async (options: FormatOptions & { days: string }) => (await spend()).spend(options)));
  program
    .command('analytics')
    .description('cost, time, first passes and retries of attempts, by profile, executor, model and week')
    .option('--by <keys>', 'one or two of profile, executor, model, week, as profile,week', 'profile')
    .option('--plan <plan>', 'only those of this plan')
    .option('--repository <repository>', 'only those on this repository: its id, name or origin')
    .option('--from <day>', 'only those that began on this day in UTC or later, as 2026-11-21')
    .option('--to <day>', 'only those that began on this day in UTC or earlier')
    .addOption(json())
    .action(finish(async (options: AnalyticsOptions) => (await analytics()).analytics(options)));
}
