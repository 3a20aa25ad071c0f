import { Option, type Command } from 'commander';
import type { AgentFilter, AgentOptions } from '../commands/agents.js';
import type { FormatOptions } from '../commands/plans.js';
import { finish } from './finish.js';
import { json } from './options.js';

const agents = () => import('../commands/agents.js');

const STATUSES = ['active', 'inactive'];

/** Verbs about who carries tasks out. */
export function addAgentCommands(program: Command): void {
  const agent = program.command('agent').description('profiles of those who carry tasks out').exitOverride();
  agent
    .command('list')
    .description('all of them, and what they are at')
    .addOption(new Option('--status <status>', 'only those').choices([...STATUSES, 'archived']))
    .option('--type <type>', 'only those')
    .option('--capability <name>', 'only those that have it')
    .addOption(json())
    .action(finish(async (options: AgentFilter) => (await agents()).listAgents(options)));
  agent
    .command('show <slug>')
    .description('what one can do, and what it is kept to')
    .addOption(json())
    .action(
      finish(async (slug: string, options: FormatOptions) => (await agents()).showAgent(slug, options)),
    );
  profileOptions(agent.command('add <slug>').description('a new profile'))
    .requiredOption('--type <type>', 'what it is, such as backend-engineer')
    .action(finish(async (slug: string, options: AgentOptions) => (await agents()).addAgent(slug, options)));
  profileOptions(
    agent.command('edit <slug>').description('change one; what is under way goes on as it began'),
  )
    .option('--type <type>', 'what it is, such as backend-engineer')
    .action(finish(async (slug: string, options: AgentOptions) => (await agents()).editAgent(slug, options)));
  addSteps(agent);
  for (const command of agent.commands)
    command.exitOverride().showHelpAfterError(`Next: planwright agent ${command.name()} --help`);
}

function addSteps(agent: Command): void {
  const steps = [
    ['archive', 'give one nothing any more; it stays to be looked at, and cannot change'],
    ['restore', 'bring an archived one back, inactive as yet'],
  ] as const;
  for (const [verb, description] of steps)
    agent
      .command(`${verb} <slug>`)
      .description(description)
      .addOption(json())
      .action(
        finish(async (slug: string, options: FormatOptions) =>
          (await agents()).stepAgent(slug, verb, options),
        ),
      );
}

function profileOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--mode <mode>', 'what it is for').choices(['implementation', 'planning', 'review']),
    )
    .option('--description <text>', 'what it does')
    .option(
      '--capabilities <names...>',
      'what it can do, with how well (1 to 5), as typescript:3,sql; or none',
    )
    .option('--executor-json <json>', 'what it works by, as a plan file has it')
    .option('--writes <globs...>', 'where it may write; none: anywhere')
    .option('--forbids <globs...>', 'where it may not; or none')
    .option('--max-files <n>', 'files that one change may touch; or none')
    .option('--max-lines <n>', 'lines that one change may touch; or none')
    .addOption(
      new Option('--network <access>', 'off: it has none; on: as its executor has it').choices(['on', 'off']),
    )
    .option('--commands <lines...>', 'first words of the lines that it may run; or any')
    .option('--tools <names...>', 'tools that a model is offered; or all')
    .addOption(new Option('--status <status>', 'only active ones are given work').choices(STATUSES))
    .addOption(json());
}
