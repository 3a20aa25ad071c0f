import { Option, type Command } from 'commander';
import * as plans from '../commands/plans.js';
import type { AnalogousOptions } from '../commands/analogous.js';
import type { FormatOptions, InitOptions, ShowOptions } from '../commands/plans.js';
import * as runs from '../commands/run.js';
import { print } from '../output/output.js';
import { repositoryOf } from '../repository-argument.js';
import { finish } from './finish.js';
import { json } from './options.js';

const format = () => new Option('--format <format>', 'text or json').choices(['text', 'json']);

/** Verbs about whole plans. */
export function addPlanCommands(program: Command): void {
  program
    .command('init')
    .description('create a plan without phases; prints its number')
    .requiredOption('--name <name>', 'its name')
    .option('--description <text>', 'what it is for')
    .option('--metadata-json <json>', 'anything that belongs to it, as a JSON object')
    .option('--repo <path>', 'the repository: a path or a git URL', '.')
    .addOption(format())
    .addOption(json())
    .action(finish((options: InitOptions) => plans.init(options)));
  program
    .command('run <file>')
    .description('create a plan from a file, start it, and follow it')
    .option('--repo <path>', 'the repository: a path or a git URL', '.')
    .option('--yes', 'approve whatever it asks: starts, diffs, ends of phases')
    .option('--detach', 'start it and return')
    .option('--dry-run', 'say what would run, and how each spec stands on the base; start nothing')
    .addOption(json())
    .action(
      finish(async (file: string, options: runs.RunOptions & { dryRun?: boolean }) => {
        if (options.dryRun !== true) return runs.run(file, options);
        const { dryRun } = await import('../local/dry-run.js');
        return dryRun({
          file,
          repository: repositoryOf(options.repo),
          json: options.json === true,
          out: print,
        });
      }),
    );
  addReads(program);
  addControl(program);
}

function addReads(program: Command): void {
  program
    .command('list')
    .description('plans, the latest first')
    .option('--status <status>', 'only plans in this state')
    .option('--limit <n>', 'at most this many', '20')
    .addOption(format())
    .addOption(json())
    .action(finish(async (options: FormatOptions & { limit: string }) => plans.list(options)));
  program
    .command('show [plan]')
    .description('one plan with its phases and tasks; the latest when none is named')
    .option('--tasks', 'with its tasks, as always')
    .option('--specs', 'with the text of its specs')
    .option(
      '--verbose',
      'with its specs, what of the changes they would miss, and where the jobs of its attempts are',
    )
    .addOption(format())
    .addOption(json())
    .action(finish(async (plan: string | undefined, options: ShowOptions) => plans.show(plan, options)));
  program
    .command('watch <plan>')
    .description('follow a plan until it ends, pauses or waits')
    .option('--yes', 'approve whatever it asks: starts, diffs, ends of phases')
    .addOption(json())
    .action(finish((plan: string, options: FormatOptions) => runs.watch(plan, options)));
  program
    .command('export <plan>')
    .description('print a plan as a file that creates the same plan again')
    .option('--output <file>', 'write it there')
    .addOption(json())
    .action(
      finish(async (plan: string, options: FormatOptions) =>
        (await import('../commands/export.js')).exportPlan(plan, options),
      ),
    );
  addContracts(program);
  addSurroundings(program);
}

/** What finished tasks proved. */
function addContracts(program: Command): void {
  program
    .command('contracts <plan>')
    .description('what finished tasks proved, and whether it still binds later ones')
    .addOption(json())
    .action(
      finish(async (plan: string, options: FormatOptions) =>
        (await import('../commands/contracts.js')).listContracts(plan, options),
      ),
    );
  program
    .command('waive <plan> <contract>')
    .description('let later tasks break what a finished one proved: a contract as 2.no-legacy')
    .requiredOption('--note <text>', 'why')
    .addOption(json())
    .action(
      finish(async (plan: string, contract: string, options: FormatOptions & { note: string }) =>
        (await import('../commands/contracts.js')).waive(plan, contract, options),
      ),
    );
}

/** What comes to plans from outside: events, and the room that they share. */
function addSurroundings(program: Command): void {
  program
    .command('signal <plan> <name>')
    .description('tell a plan of an event that its tasks may wait for; the first of a name counts')
    .option('--data <json>', 'anything about it, as JSON')
    .addOption(json())
    .action(
      finish(async (plan: string, name: string, options: FormatOptions & { data?: string }) =>
        (await import('../commands/signals.js')).signal(plan, name, options),
      ),
    );
  program
    .command('analogous [name]')
    .description('what a repository has already of the sort that is about to be written, with its code')
    .option('--repo <path-or-url>', 'the repository', '.')
    .addOption(
      new Option('--kind <kind>', 'what it is')
        .choices(['api_route', 'function', 'component'])
        .makeOptionMandatory(),
    )
    .option('--like <what>', 'the same as the name: "POST /api/users", createUser, "async createUser(name)"')
    .option('--near <path>', 'the file or folder that it will lie in')
    .option('--ref <ref>', 'a branch, tag or commit; the current branch by default')
    .option('--limit <n>', 'how many at most', '5')
    .addOption(json())
    .action(
      finish(async (name: string | undefined, options: AnalogousOptions) =>
        (await import('../commands/analogous.js')).analogous(name, options),
      ),
    );
  program
    .command('update-repository <repository>')
    .description('say how many tasks of all plans on a repository may be active at once')
    .requiredOption('--max-tasks <n>', 'a number, or none')
    .addOption(json())
    .action(
      finish(async (repository: string, options: FormatOptions & { maxTasks: string }) =>
        (await import('../commands/repositories.js')).updateRepository(repository, options),
      ),
    );
}

function addControl(program: Command): void {
  const verbs: readonly [string, string][] = [
    ['execute', 'start a plan that is ready'],
    ['pause', 'start no new task; what runs goes on to its end'],
    ['cancel', 'end a plan for good; what landed stays'],
  ];
  for (const [verb, description] of verbs) {
    const command = program.command(`${verb} <plan>`).description(description).addOption(json());
    if (verb !== 'execute') command.option('--note <text>', 'why');
    if (verb === 'pause') command.option('--now', 'stop what runs, too; it begins again later');
    command.action(
      finish((plan: string, options: FormatOptions & { note?: string; now?: boolean }) => {
        const { note, now } = options;
        const body = note === undefined && now === undefined ? undefined : { note, now };
        return plans.control(verb, plan, options, body);
      }),
    );
  }
  program
    .command('resume <plan>')
    .description('go on with a paused plan')
    .option('--retry-failed', 'try its failed tasks again')
    .addOption(json())
    .action(
      finish(async (plan: string, options: FormatOptions & { retryFailed?: boolean }) =>
        plans.control(
          'resume',
          plan,
          options,
          options.retryFailed === true ? { retryFailed: true } : undefined,
        ),
      ),
    );
}
