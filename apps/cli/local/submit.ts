import { randomUUID } from 'node:crypto';
import { belongsTo, shareWorkingTree, type Caller } from '#git/working-tree.js';
import { GitRefusal } from '#engine/ports/git-refusal.js';
import type { TaskDetail } from '#contracts/api/plan-tasks.js';
import type { ApiClient } from '../api/client.js';
import { CliError, EXIT } from '../exit-codes.js';

/**
 * Hands a task's work in: a ref of the plan's repository, or else the checkout that the caller stands in, uncommitted and
 * untracked files too. Of the checkout nothing is changed.
 *
 * @throws CliError when the checkout is not of the plan's repository, or cannot be handed in
 */
export async function submitWork(
  client: ApiClient,
  task: string,
  ref: string | undefined,
): Promise<TaskDetail> {
  if (ref !== undefined) return client.decide(task, 'submit', { ref });
  const { plan } = await client.task(task);
  const { repository } = await client.plan(String(plan));
  const caller: Caller = { cwd: process.cwd(), environment: process.env };
  try {
    await requireOwnCheckout(caller, task, repository.origin);
    const shared = await shareWorkingTree(caller, randomUUID());
    try {
      return await client.decide(task, 'submit', { ref: shared.ref });
    } finally {
      await shared.remove();
    }
  } catch (error) {
    if (error instanceof GitRefusal) throw new CliError(EXIT.failed, error.reason, error.remedy);
    throw error;
  }
}

async function requireOwnCheckout(caller: Caller, task: string, origin: string): Promise<void> {
  if (await belongsTo(caller, origin).catch(unlessRefusal)) return;
  throw new CliError(
    EXIT.failed,
    `${caller.cwd} is not a checkout of the plan's repository, ${origin}: what is in it cannot be seen from there.`,
    `commit, then git push ${origin} HEAD:refs/heads/my-work && planwright submit ${task} --ref my-work`,
  );
}

/** An origin that is a URL, or that lies on another machine, is nobody's checkout. */
function unlessRefusal(error: unknown): false {
  if (error instanceof GitRefusal) throw error;
  return false;
}
