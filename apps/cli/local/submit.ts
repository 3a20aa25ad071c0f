import { randomUUID } from 'node:crypto';
import { belongsTo, shareWorkingTree, type Caller } from '#git/working-tree.js';
import { GitRefusal } from '#engine/ports/git-refusal.js';
import type { ApiClient } from '../api/client.js';
import { CliError, EXIT } from '../exit-codes.js';

/** What is done with somebody's work, such as `submit`, as it is typed. */
export type WorkVerb = 'submit' | 'verify-task';

/**
 * Gives the work of whoever calls a name for as long as it is used: a ref of the plan's repository, or else the checkout
 * that they stand in, uncommitted and untracked files too. Of the checkout nothing is changed.
 *
 * @throws CliError when the checkout is not of the plan's repository, or cannot be handed in
 */
export async function withWork<T>(
  client: ApiClient,
  named: { readonly task: string; readonly ref: string | undefined; readonly verb: WorkVerb },
  use: (work: { readonly ref: string }) => Promise<T>,
): Promise<T> {
  const { task, ref } = named;
  if (ref !== undefined) return use({ ref });
  const { plan } = await client.task(task);
  const { repository } = await client.plan(String(plan));
  const caller: Caller = { cwd: process.cwd(), environment: process.env };
  try {
    await requireOwnCheckout(caller, named, repository.origin);
    const shared = await shareWorkingTree(caller, randomUUID());
    try {
      return await use({ ref: shared.ref });
    } finally {
      await shared.remove();
    }
  } catch (error) {
    if (error instanceof GitRefusal) throw new CliError(EXIT.failed, error.reason, error.remedy);
    throw error;
  }
}

async function requireOwnCheckout(
  caller: Caller,
  { verb, task }: { readonly verb: WorkVerb; readonly task: string },
  origin: string,
): Promise<void> {
  if (await belongsTo(caller, origin).catch(unlessRefusal)) return;
  throw new CliError(
    EXIT.failed,
    `${caller.cwd} is not a checkout of the plan's repository, ${origin}: what is in it cannot be seen from there.`,
    `commit, then git push ${origin} HEAD:refs/heads/my-work && planwright ${verb} ${task} --ref my-work`,
  );
}

/** An origin that is a URL, or that lies on another machine, is nobody's checkout. */
function unlessRefusal(error: unknown): false {
  if (error instanceof GitRefusal) throw error;
  return false;
}
