import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { recordOf, timed } from '../record.js';
import { generateRepository, rawGit } from '../repository.js';
import type { EngineCase } from './case.js';
import type { Ground } from './ground.js';
import { editCheck, editCommand, editPlan } from './plans.js';
import { runOf, withPlanwright, type PlanEvent } from './planwright-side.js';
import { measureOf, fanOut } from './shape.js';

const TASKS = 40;
const FILES = 200;
/** The events of a task in their order; what is between two is one of its stages. */
const STAGES = [
  'attempt.started',
  'attempt.executed',
  'attempt.verified',
  'task.integrated',
  'task.completed',
];

const run = promisify(execFile);

/** Tasks that change one file and have a spec, in a row and side by side, beside raw git in a row. */
export const fullPathCase: EngineCase = async ({ ground, print, note }) => {
  const shape = fanOut(TASKS);
  const bare = TASKS / ((await naive(ground)) / 1000);
  note(`full-path, worktree per task: ${bare.toFixed(2)} tasks/s`);
  for (const mode of ['sequential', 'parallel'] as const) {
    const events = await withPlanwright(ground, {}, async ({ start, completed }) =>
      completed(await start(editPlan(mode, TASKS))),
    );
    const name = `full-path ${mode}`;
    const head = { suite: 'engine', backend: ground.backend, n: TASKS };
    const rate = measureOf(shape, runOf(events));
    note(`${name}, planwright: ${rate.toFixed(2)} tasks/s`);
    print(
      recordOf({ ...head, case: name, unit: 'tasks/s', baseline: 'worktree per task, in a row' }, rate, bare),
    );
    const whole = meanBetween(events, STAGES[0] ?? '', STAGES.at(-1) ?? '');
    STAGES.slice(1).forEach((to, index) => {
      const from = STAGES[index] ?? '';
      const stage = {
        ...head,
        case: `${name}, ${from} to ${to}`,
        unit: 'ms',
        baseline: 'all stages',
      } as const;
      print(recordOf(stage, meanBetween(events, from, to), whole));
    });
  }
};

/** The mean ms from the one event of a task to the other; of several of a kind the last counts. */
function meanBetween(events: readonly PlanEvent[], from: string, to: string): number {
  const timesOf = (type: string) =>
    new Map(events.flatMap((event) => (event.type === type ? [[event.task, event.at] as const] : [])));
  const begin = timesOf(from);
  const spans = [...timesOf(to)].map(([task, at]) => at - (begin.get(task) ?? Number.NaN));
  return spans.reduce((sum, span) => sum + span, 0) / spans.length;
}

/** The same edits without an engine: worktree, command, commit, check, fast-forward, and away with it. */
async function naive(ground: Ground): Promise<number> {
  const repository = path.join(ground.folder, 'naive');
  await generateRepository(repository, FILES);
  return timed(async () => {
    for (let task = 0; task < TASKS; task += 1) await naiveTask(repository, task);
  });
}

async function naiveTask(repository: string, task: number): Promise<void> {
  const tree = `${repository}-tree`;
  await rawGit(repository, 'worktree', 'add', '--quiet', '--detach', tree, 'main');
  await run('/bin/sh', ['-c', editCommand(task)], { cwd: tree });
  await rawGit(tree, 'add', '--all');
  await rawGit(tree, 'commit', '--quiet', '-m', `Task ${task}`);
  await run('/bin/sh', ['-c', editCheck(task)], { cwd: tree });
  await rawGit(tree, 'update-ref', 'refs/heads/main', 'HEAD');
  await rawGit(repository, 'worktree', 'remove', '--force', tree);
}
