import { Option, type Command } from 'commander';
import type { ProgressOptions } from '../commands/people.js';
import * as tasks from '../commands/tasks.js';
import type { AddPhaseOptions, TaskOptions } from '../commands/tasks.js';
import { finish } from './finish.js';
import { json, token } from './options.js';

/** Verbs about phases and tasks. */
export function addTaskCommands(program: Command): void {
  program
    .command('add-phase <plan>')
    .description('add a phase at the end of a plan that has not ended')
    .requiredOption('--name <name>', 'its name')
    .option('--description <text>', 'what it is for')
    .addOption(
      new Option('--mode <mode>', 'how its tasks run')
        .choices(['sequential', 'parallel', 'manual'])
        .default('sequential'),
    )
    .addOption(
      new Option('--approval <when>', 'when a person must agree; by default what the mode asks for').choices([
        'none',
        'before_task',
        'before_integration',
        'both',
      ]),
    )
    .addOption(
      new Option('--at-end <what>', 'what follows its last task').choices(['continue', 'approve', 'pause']),
    )
    .option('--concurrency <n>', 'tasks of the phase at once')
    .addOption(json())
    .action(finish((plan: string, options: AddPhaseOptions) => tasks.addPhase(plan, options)));
  taskOptions(program.command('add-task <plan>').description('add a task to a phase that has not ended'))
    .requiredOption('--title <title>', 'what is to be done, in a line')
    .option('--phase <n>', 'number of the phase; the last one by default')
    .action(finish((plan: string, options: TaskOptions) => tasks.addTask(plan, options)));
  taskOptions(
    program
      .command('update-task <task> [number]')
      .description(
        'change a task that nobody works on and that has not ended: 12.3, or 12 3; or say whose it is, and how far they are',
      ),
  )
    .option('--title <title>', 'what is to be done, in a line')
    .addOption(
      new Option('--status <status>', 'how far you are with it, in a plan that runs').choices([
        'in-progress',
        'completed',
        'failed',
      ]),
    )
    .option('--note <text>', 'what was done, or why it failed')
    .option('--ref <ref>', 'what you hand in, if not your checkout')
    .addOption(token())
    .action(
      finish((task: string, number: string | undefined, options: TaskOptions & ProgressOptions) =>
        tasks.updateTask(task, number, options),
      ),
    );
}

function taskOptions(command: Command): Command {
  return command
    .option('--description <text>', 'the prompt: what exactly is to be done')
    .option('--spec <file>', 'the YAML spec that decides whether it is done')
    .option('--command <command>', 'the command that does it')
    .option('--timeout <duration>', 'how long the command, or a wait for an event, may take: 90s, 10m')
    .option('--checkout', 'a checkout for a command that changes nothing')
    .option('--patch <file>', 'a unified diff that is applied as it is')
    .option('--milestone', 'nothing runs: a point where others meet')
    .option('--wait-for <duration>', 'it waits so long, such as 10m')
    .option('--wait-until <time>', 'it waits until then, such as 2026-12-01T08:00:00+01:00')
    .option('--wait-event <name>', 'it waits until somebody sends this event')
    .option('--external', 'somebody outside claims it and hands it in')
    .addOption(new Option('--effect <effect>', 'what becomes of its work').choices(['change', 'none']))
    .option('--assigned-to <actor>', 'whose task it is')
    .option('--depends-on <tasks...>', 'numbers or keys of the tasks that come first')
    .option('--may-change <globs...>', 'protected paths that it may touch')
    .option('--writes <globs...>', 'where it will write')
    .option('--supersedes <contracts...>', 'what earlier tasks proved and it may break, as users.no-legacy')
    .option('--needs <names...>', 'capabilities that whoever does it must have, as typescript,sql')
    .option('--profile <slug>', 'the agent profile that it is done under; update-task: or none')
    .addOption(json());
}
