import { Command, CommanderError } from 'commander';
import { asCliError, EXIT, type ExitCode } from './exit-codes.js';
import { addAgentCommands } from './program/agent-commands.js';
import { addArchiveCommands } from './program/archive-commands.js';
import { addExternalCommands } from './program/external-commands.js';
import { addGenerationCommands } from './program/generation-commands.js';
import { addAssignmentCommands } from './program/assignment-commands.js';
import { addDeliveryCommands } from './program/delivery-commands.js';
import { addLocalCommands } from './program/local-commands.js';
import { addPeopleCommands } from './program/people-commands.js';
import { addPlanCommands } from './program/plan-commands.js';
import { addSessionCommands } from './program/session-commands.js';
import { addReviewCommands } from './program/review-commands.js';
import { addSnapshotCommands } from './program/snapshot-commands.js';
import { addSpendCommands } from './program/spend-commands.js';
import { addTaskCommands } from './program/task-commands.js';
import { addVerifyCommands } from './program/verify-commands.js';

const program = new Command('planwright')
  .description(
    'Executes multi-step plans on git repositories; a task is done when its spec turned from red to green.',
  )
  .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
  .showSuggestionAfterError()
  .exitOverride()
  .addHelpText(
    'after',
    `
A plan is named by its number (12), its id, four or more characters of either end of its id that no other plan has,
or as latest; a task by 12.3 or its id.
Exit codes: 0 ok, 1 failed, 2 usage, 3 waits for a person, 4 not reachable, 5 inconclusive.
PLANWRIGHT_URL and PLANWRIGHT_TOKEN name an API elsewhere; PLANWRIGHT_HOME another data folder.`,
  );
addLocalCommands(program);
addPlanCommands(program);
addGenerationCommands(program);
addTaskCommands(program);
addPeopleCommands(program);
addExternalCommands(program);
addAssignmentCommands(program);
addReviewCommands(program);
addVerifyCommands(program);
addSessionCommands(program);
addArchiveCommands(program);
addSnapshotCommands(program);
addSpendCommands(program);
addDeliveryCommands(program);
addAgentCommands(program);
program.showHelpAfterError('Next: planwright --help');
for (const command of program.commands)
  command
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError(`Next: planwright ${command.name()} --help`);

/** Runs one command. @returns the exit code; everything is said by then */
export async function runCli(argv: readonly string[]): Promise<ExitCode> {
  try {
    await program.parseAsync(argv);
    return (process.exitCode as ExitCode | undefined) ?? EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const refusal = asCliError(error);
    const next = refusal?.next === undefined ? '' : `\nNext: ${refusal.next}`;
    process.stderr.write(`planwright: ${error instanceof Error ? error.message : String(error)}${next}\n`);
    return refusal?.code ?? EXIT.failed;
  }
}
