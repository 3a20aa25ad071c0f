import { Argument, Option, type Command } from 'commander';
import type { DemoOptions } from '../local/demo.js';
import type { UpOptions } from '../local/up.js';
import { finish } from './finish.js';

/** Verbs about this machine. Each loads its module when it is called: a short command must not pay for a long one. */
export function addLocalCommands(program: Command): void {
  program
    .command('up')
    .description('start Postgres, the API and the workers, and stay up until Ctrl-C')
    .option('--no-workers', 'leave all work to workers of other hosts')
    .action(finish(async (options: UpOptions) => (await import('../local/up.js')).up(options)));
  program
    .command('worker')
    .description('become one worker of an installation whose API runs on another host')
    .addArgument(new Argument('<kind>', 'what it does').choices(['executor', 'verifier']))
    .addHelpText(
      'after',
      '\nNeeds DATABASE_URL, GIT_HUB_URL, PLANWRIGHT_WORKER_TOKEN and PLANWRIGHT_HOME: docs/operations.md, "Workers on other hosts".',
    )
    .action(async (kind: string) => (await import('../local/worker.js')).worker(kind));
  program
    .command('down')
    .description('stop them')
    .action(finish(async () => (await import('../local/stack-commands.js')).down()));
  program
    .command('status')
    .description('say whether they run, and where')
    .option('--json', 'as JSON')
    .action(
      finish(async (options: { json?: boolean }) =>
        (await import('../local/stack-commands.js')).status(options),
      ),
    );
  addDemo(program);
  program
    .command('doctor')
    .description('look at what Planwright needs on this machine')
    .option('--json', 'as JSON')
    .action(
      finish(async (options: { json?: boolean }) => (await import('../local/doctor.js')).doctor(options)),
    );
  program
    .command('completion <shell>')
    .description('print a completion script for bash or zsh')
    .action(
      finish(async (shell: string) => {
        const names = program.commands.flatMap((command) =>
          [command.name(), ...command.aliases()].map((name) => ({
            name,
            words: [
              ...command.commands.map((verb) => verb.name()),
              ...command.options.map((option) => option.long ?? ''),
            ],
          })),
        );
        return (await import('../commands/completion.js')).completion(shell, names);
      }),
    );
}

function addDemo(program: Command): void {
  program
    .command('demo')
    .description('run a real plan on a sample repository')
    .option('--yes', 'approve whatever it asks: starts, diffs, ends of phases', false)
    .option('--exit', 'leave when the plan has ended', false)
    .option('--json', 'print the final state as JSON on standard output', false)
    .addOption(
      new Option(
        '--agent <agent>',
        'have a plan generated, reviewed and carried out by a model that answers by a script: no key, no network',
      ).choices(['scripted']),
    )
    .action(finish(async (options: DemoOptions) => (await import('../local/demo.js')).demo(options)));
}
