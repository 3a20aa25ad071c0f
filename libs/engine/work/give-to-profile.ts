import { chooseProfile } from '#domain/profile/choose.js';
import { whyNotUnder } from '#domain/profile/enforce.js';
import type { PinnedProfile } from '#domain/profile/profile.js';
import type { ExecutorConfig, WorkerExecutor } from '../ports/agent.port.js';
import type { PlanTx, TaskBrief } from '../ports/store.port.js';

/** Who carries an attempt out. */
export type Given =
  | { readonly executor: ExecutorConfig; readonly profile: PinnedProfile | null }
  /** Nobody can, as it is: why, and what to do. */
  | { readonly executor: null; readonly reason: string };

/** Finds whom a task is given to. One that says who does it, and names no profile, is given to nobody else. */
export async function giveToProfile(
  tx: Pick<PlanTx, 'profiles'>,
  { executor, profile: name, needs }: Pick<TaskBrief, 'executor' | 'profile' | 'needs'>,
): Promise<Given> {
  if (name === null && executor.kind !== 'profile') return { executor, profile: null };
  const { profile, reason } = chooseProfile({ profile: name, needs }, await tx.profiles());
  if (profile === null) return { executor: null, reason };
  const { slug, constraints, tools } = profile;
  const worker = executor.kind === 'profile' ? profile.executor : (executor as WorkerExecutor);
  const why = whyNotUnder({ constraints, tools }, worker);
  if (why !== null) return { executor: null, reason: `it cannot be done under the profile ${slug}: ${why}` };
  return { executor: worker, profile: { slug, reason, constraints, tools } };
}
