import type { Command } from 'commander';
import type { ArchiveOptions } from '../commands/archive.js';
import type { FormatOptions } from '../commands/plans.js';
import type { VerifyArchiveOptions } from '../local/verify-archive.js';
import { finish } from './finish.js';
import { json } from './options.js';

/** Verbs about what is left of a plan for ever. */
export function addArchiveCommands(program: Command): void {
  program
    .command('archive <plan>')
    .description('close a plan for ever, with a signed archive of all that happened')
    .option('--note <text>', 'why; needed with --force')
    .option('--force', 'with tasks open, too: they are cancelled')
    .option('--output <file>', 'save the archive there; of a plan that is archived already, only this')
    .addOption(json())
    .addHelpText(
      'after',
      '\nWhat an archive holds, and how to verify it without Planwright: docs/archive.md.',
    )
    .action(
      finish(async (plan: string, options: ArchiveOptions) =>
        (await import('../commands/archive.js')).archive(plan, options),
      ),
    );
  program
    .command('audit <plan>')
    .description('compute again what a plan claims: events, rows, branch, trees, refs, and every verdict')
    .addOption(json())
    .addHelpText(
      'after',
      '\nChanges nothing; checks are not run again. Exit codes: 0 all reproduced, 1 tampered or changed, 5 inconclusive.',
    )
    .action(
      finish(async (plan: string, options: FormatOptions) =>
        (await import('../commands/audit.js')).audit(plan, options),
      ),
    );
  program
    .command('verify-archive <file>')
    .description('say whether an archive is as it was signed, and judge every verdict in it again')
    .option(
      '--key <key>',
      'whose signature counts: the id of a key, or a file of public keys and ids; can be given again',
      (key: string, all: readonly string[] = []) => [...all, key],
    )
    .option('--repo <path>', 'a repository that must have the commits of the plan')
    .option('--checks', 'run the checks again, too, in the sandbox: commands that a stranger wrote')
    .addOption(json())
    .addHelpText(
      'after',
      '\nNeeds no server. Exit codes: 0 all reproduced, 1 tampered or changed, 5 inconclusive.',
    )
    .action(
      finish(async (file: string, options: VerifyArchiveOptions) =>
        (await import('../local/verify-archive.js')).verifyArchive(file, options),
      ),
    );
}
