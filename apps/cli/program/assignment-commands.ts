import { Option, type Command } from 'commander';
import type { AssignOptions, ListOptions } from '../commands/assignments.js';
import type { FormatOptions } from '../commands/plans.js';
import { finish } from './finish.js';
import { json, token } from './options.js';

const work = () => import('../commands/assignments.js');
const TARGET = '<target>';

/** Verbs about whose work is: of a task, 12.3, or of a work item, w4. */
export function addAssignmentCommands(program: Command): void {
  addAssigning(program);
  addSteps(program);
  addWorkItems(program);
}

function addAssigning(program: Command): void {
  program
    .command(`assign ${TARGET}`)
    .description('say whose a task is, 12.3, or a work item, w4')
    .option('--to <name>', 'whose; who is not known yet becomes an actor')
    .option('--nobody', 'it is nobody’s')
    .option('--agent', 'an agent, where nobody has the name yet')
    .option('--note <text>', 'what they should know')
    .option('--context-json <json>', 'an object that is carried on when it is handed over')
    .addOption(json())
    .action(finish(async (target: string, options: AssignOptions) => (await work()).assign(target, options)));
  program
    .command(`handover ${TARGET}`)
    .description('give it to somebody else, with what is known; a claim of it is given back')
    .requiredOption('--to <name>', 'whose it is to be')
    .requiredOption('--note <text>', 'what they have to know')
    .option('--agent', 'an agent, where nobody has the name yet')
    .option('--context-json <json>', 'beside the context that is carried on')
    .addOption(token())
    .addOption(json())
    .action(
      finish(async (target: string, options: AssignOptions) => (await work()).handOver(target, options)),
    );
  program
    .command('assignments [target]')
    .description('whose a task or a work item is, and was; without one, who has what')
    .option('--to <name>', 'only what is theirs')
    .option('--all', 'what is over, too')
    .addOption(json())
    .action(
      finish(async (target: string | undefined, options: ListOptions) =>
        (await work()).assignments(target, options),
      ),
    );
}

function addSteps(program: Command): void {
  const steps = [
    ['pause', 'say that nobody works on it at the moment', 'is paused'],
    ['resume', 'say that its assignee works on it again', 'goes on'],
  ] as const;
  for (const [verb, description, said] of steps) {
    program
      .command(`${verb}-work ${TARGET}`)
      .description(description)
      .addOption(json())
      .action(
        finish(async (target: string, options: FormatOptions) =>
          (await work()).step(target, verb, options, said),
        ),
      );
  }
}

function addWorkItems(program: Command): void {
  program
    .command('start-work <item>')
    .description('say that its assignee works on a work item; a task is begun by claiming it')
    .addOption(json())
    .action(
      finish(async (item: string, options: FormatOptions) =>
        (await work()).stepItem(item, 'start', options, 'is begun'),
      ),
    );
  program
    .command('add-work-item')
    .description('write down work on a repository that is no task of a plan')
    .option('--repo <path>', 'the repository: a path or a git URL', '.')
    .requiredOption('--title <title>', 'what is to be done, in a line')
    .option('--description <text>', 'what exactly')
    .addOption(json())
    .action(
      finish(async (options: FormatOptions & { repo: string; title: string; description?: string }) =>
        (await work()).addWorkItem(options),
      ),
    );
  program
    .command('work-items')
    .description('work items, the latest first')
    .addOption(new Option('--status <status>', 'only those').choices(['open', 'done', 'cancelled']))
    .addOption(json())
    .action(
      finish(async (options: FormatOptions & { status?: string }) => (await work()).workItems(options)),
    );
  program
    .command('work-item <item>')
    .description('a work item, as w4')
    .addOption(json())
    .action(finish(async (item: string, options: FormatOptions) => (await work()).workItem(item, options)));
  program
    .command('close-work-item <item>')
    .description('say that a work item is done')
    .option('--cancel', 'it will not be done')
    .addOption(json())
    .action(
      finish(async (item: string, options: FormatOptions & { cancel?: boolean }) => {
        const as = options.cancel === true ? 'cancelled' : 'done';
        return (await work()).stepItem(item, 'close', options, `is ${as}`, { as });
      }),
    );
}
