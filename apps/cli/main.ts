#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { CliError, EXIT, type ExitCode } from './exit-codes.js';
import { addLocalCommands } from './program/local-commands.js';
import { addPeopleCommands } from './program/people-commands.js';
import { addPlanCommands } from './program/plan-commands.js';
import { addTaskCommands } from './program/task-commands.js';

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
A plan is named by its number (12), a unique prefix of its id, or its id; a task by 12.3 or its id.
Exit codes: 0 ok, 1 failed, 2 usage, 3 waits for a person, 4 not reachable, 5 inconclusive.
PLANWRIGHT_URL and PLANWRIGHT_TOKEN name an API elsewhere; PLANWRIGHT_HOME another data folder.`,
  );
addLocalCommands(program);
addPlanCommands(program);
addTaskCommands(program);
addPeopleCommands(program);
for (const command of program.commands) command.exitOverride().showSuggestionAfterError();

process.exitCode = await main();

async function main(): Promise<ExitCode> {
  try {
    await program.parseAsync();
    return (process.exitCode as ExitCode | undefined) ?? EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const next = error instanceof CliError && error.next !== undefined ? `\nNext: ${error.next}` : '';
    process.stderr.write(`planwright: ${error instanceof Error ? error.message : String(error)}${next}\n`);
    return error instanceof CliError ? error.code : EXIT.failed;
  }
}
