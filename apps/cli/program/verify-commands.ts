import { Option, type Command } from 'commander';
import type { ReportOptions, VerifyOptions } from '../commands/verify.js';
import { finish } from './finish.js';
import { json } from './options.js';

const verify = () => import('../commands/verify.js');

/** Verbs about verdicts. */
export function addVerifyCommands(program: Command): void {
  reportOptions(
    program
      .command('verify-task <task>')
      .description(
        'judge your checkout as it is now, uncommitted files too; a pass completes a task that is yours',
      )
      .option('--ref <ref>', 'a branch, tag or commit of the plan’s repository instead')
      .option('--checkpoint <name>', 'a named snapshot of the plan instead')
      .option('--again', 'its last candidate instead, by the spec as it is now; no attempt is spent')
      .option('--dry-run', 'hand nothing in, even if the task is yours; not with --again')
      .option(
        '--token <token>',
        'of your claim, where it has a lease: what passes is handed in under it; not with --again',
      )
      .option('--verbose', 'with how every rule and check stands'),
  ).action(
    finish(async (task: string, options: VerifyOptions) => (await verify()).verifyTask(task, options)),
  );
  reportOptions(
    program
      .command('explain <task>')
      .description(
        'why a task is where it is: what it waits for, its last verdict in full, what moves it on',
      ),
  ).action(finish(async (task: string, options: ReportOptions) => (await verify()).explain(task, options)));
}

function reportOptions(command: Command): Command {
  return command
    .option('--output <file>', 'write the report there')
    .addOption(
      new Option('--format <format>', 'how it is reported')
        .choices(['text', 'json', 'sarif'])
        .default('text'),
    )
    .addOption(json());
}
