import { Option, type Command } from 'commander';
import type { DiffOptions, RetryOptions, SubmitOptions } from '../commands/people.js';
import type { FormatOptions } from '../commands/plans.js';
import { finish } from './finish.js';
import { json, token } from './options.js';

const external = () => import('../commands/external.js');
const people = () => import('../commands/people.js');
type Noted = FormatOptions & { note?: string };
type Held = { token?: string };

/** Verbs of people about tasks and phases: decide, take, hand in. */
export function addPeopleCommands(program: Command): void {
  addDecisions(program);
  addHands(program);
  addPhaseAnswers(program);
}

function addDecisions(program: Command): void {
  program
    .command('diff <task>')
    .alias('show-diff')
    .description(
      'what was made of a task last: what an approval would let onto the branch; or the diff of its snapshots',
    )
    .option('--sequence <n>', 'of this snapshot of the task')
    .option('--from <n>', 'what differs between two of them: from this one')
    .option('--to <n>', 'to this one')
    .option('--checkpoint <name>', 'of this checkpoint of the plan: what changed since the one before')
    .addOption(json())
    .action(finish(async (task: string, options: DiffOptions) => (await people()).diff(task, options)));
  program
    .command('approve <task>')
    .description('let a task start, or its verified diff onto the branch')
    .option('--patch <id>', 'only if its diff is still this one')
    .addOption(json())
    .action(
      finish(async (task: string, options: FormatOptions & { patch?: string }) =>
        (await people()).decide('approve', task, options, { patchId: options.patch }),
      ),
    );
  program
    .command('reject <task>')
    .description('do not let a task start, or its diff onto the branch; the note says why')
    .requiredOption('--note <text>', 'why')
    .addOption(json())
    .action(
      finish(async (task: string, options: Noted) =>
        (await people()).decide('reject', task, options, { note: options.note }),
      ),
    );
  program
    .command('retry <task>')
    .description('try a failed task again')
    .option('--prompt <text>', 'with another prompt')
    .option('--executor-json <json>', 'with another executor, as a plan file has it')
    .option('--note <text>', 'what the next attempt is told')
    .addOption(json())
    .action(finish(async (task: string, options: RetryOptions) => (await people()).retry(task, options)));
  program
    .command('skip <task>')
    .description('leave a task out; what depends on it is blocked, unless it is satisfied')
    .option('--satisfies', 'what depends on it goes on as if it were done', false)
    .option('--note <text>', 'why')
    .addOption(json())
    .action(
      finish(async (task: string, options: Noted & { satisfies: boolean }) =>
        (await people()).decide('skip', task, options, { satisfies: options.satisfies, note: options.note }),
      ),
    );
}

function addHands(program: Command): void {
  program
    .command('claim <task>')
    .description('take a task yourself: no worker gets it')
    .option('--lease <seconds>', 'the claim ends when no heartbeat came for so long')
    .addOption(json())
    .action(
      finish(async (task: string, options: FormatOptions & { lease?: string }) =>
        (await external()).claim(task, options),
      ),
    );
  program
    .command('release <task>')
    .description('give a task back that you claimed')
    .option('--note <text>', 'what the next one should know')
    .addOption(token())
    .addOption(json())
    .action(
      finish(async (task: string, options: Noted & Held) =>
        (await people()).decide('release', task, options, { note: options.note, token: options.token }),
      ),
    );
  program
    .command('submit <task>')
    .description('hand in what you made of a task: your checkout as it is now, uncommitted files too')
    .option('--ref <ref>', 'a branch, tag or commit of the plan’s repository instead')
    .option('--patch <file>', 'a unified diff to the tip of the plan instead; - reads it from standard input')
    .addOption(token())
    .addOption(json())
    .action(finish(async (task: string, options: SubmitOptions) => (await people()).submit(task, options)));
  program
    .command('complete <task>')
    .description('say that a task is done; nobody verifies it')
    .requiredOption('--note <text>', 'what was done')
    .addOption(token())
    .addOption(json())
    .action(
      finish(async (task: string, options: Noted & Held) =>
        (await people()).decide('complete', task, options, { note: options.note, token: options.token }),
      ),
    );
}

function addPhaseAnswers(program: Command): void {
  const phase = () => new Option('--phase <n>', 'its number; the one that waits by default');
  program
    .command('approve-phase <plan>')
    .description('let what follows a phase begin, now that its tasks have ended')
    .addOption(phase())
    .addOption(json())
    .action(
      finish(async (plan: string, options: FormatOptions & { phase?: string }) =>
        (await people()).answerPhase('approve', plan, options),
      ),
    );
  program
    .command('reject-phase <plan>')
    .description('do not let it: the plan pauses; the note says why')
    .addOption(phase())
    .requiredOption('--note <text>', 'why')
    .addOption(json())
    .action(
      finish(async (plan: string, options: Noted & { phase?: string }) =>
        (await people()).answerPhase('reject', plan, options),
      ),
    );
}
