import { git } from './git-repositories.js';
import type { ModelState } from './plan-model.js';

interface IntegratedEvent {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * Whether the plan's branch, in the hub and in the origin, is what was integrated, in that order, and its tree holds
 * what each task wrote exactly once.
 *
 * @param logOf the file to which every attempt of a task adds one line, by the task's number; null: it has none
 * @returns what is wrong, as sentences
 */
export async function faultsOfBranch(input: {
  readonly state: ModelState;
  readonly events: readonly IntegratedEvent[];
  readonly hub: string;
  readonly origin: string;
  readonly logOf: (task: number) => string | null;
}): Promise<string[]> {
  const { state, events, hub, origin, logOf } = input;
  const { baseCommit, branch, tipCommit } = state.plan;
  const integrated = events
    .filter(({ type }) => type === 'task.integrated')
    .map(({ payload }) => String(payload['commit']));
  const found: string[] = [];
  for (const [name, repository] of Object.entries({ hub, origin })) {
    const shas = await commits(repository, baseCommit, branch);
    if (shas === null && integrated.length === 0) continue;
    if (shas?.join() !== integrated.join())
      found.push(`the branch in the ${name} is ${shas?.join()}, integrated were ${integrated.join()}`);
    if (shas !== null && (shas.at(-1) ?? baseCommit) !== tipCommit)
      found.push(`the branch in the ${name} ends at ${shas.at(-1)}, the plan at ${tipCommit}`);
  }
  for (const { number, commitSha } of state.tasks) {
    const file = logOf(number);
    if (commitSha === null || file === null) continue;
    const text = await git(hub, '-c', 'safe.directory=*', 'show', `${tipCommit}:${file}`).catch(() => '');
    if (text.split('\n').length !== 1 || text === '')
      found.push(`the work of task ${number} is not once in the branch: ${JSON.stringify(text)}`);
  }
  return found;
}

/** Commits from the base to the branch, oldest first; null where there is no such branch. */
async function commits(repository: string, base: string, branch: string): Promise<string[] | null> {
  const safe = ['-c', 'safe.directory=*'];
  const ref = `refs/heads/${branch}`;
  const text = await git(repository, ...safe, 'rev-list', '--reverse', `${base}..${ref}`, '--').catch(
    () => null,
  );
  return text === null ? null : text.split('\n').filter((line) => line !== '');
}
