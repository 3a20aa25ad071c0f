import type { PlanView } from '#contracts/api/plans.js';
import type { ApiClient } from '../api/client.js';
import type { LiveView } from '../render/live-view.js';
import type { Colours } from '../render/plan-tree.js';

const CHECKPOINT = 'migrated';
const LOOK_MS = 100;
const PATIENCE_MS = 30_000;

/**
 * Takes the last phase of a completed plan back, and then takes that back as well: the old line of commits is kept, and
 * the branch ends where it was.
 *
 * @returns the plan, completed again
 */
export async function rewindAndReturn(
  client: ApiClient,
  plan: PlanView,
  view: LiveView,
  colours: Colours,
): Promise<PlanView> {
  const first = plan.phases.at(-1)?.tasks[0]?.number;
  if (plan.status !== 'completed' || first === undefined) return plan;
  await client.checkpoint(plan.id, { name: CHECKPOINT });
  const there = await go(client, plan, `before/${first}`);
  view.print('');
  view.print(
    `${colours.green('Rewound')} to before task ${plan.number}.${first}: ${there.dropped} commits left the branch, ${there.reset} tasks would begin again.`,
  );
  const back = await go(client, plan, CHECKPOINT);
  await client.control(plan.id, 'resume');
  const after = await settled(client, plan, ({ status }) => status === 'completed');
  const same = after.tipCommit === plan.tipCommit ? 'is where it was' : `is at ${after.tipCommit}`;
  view.print(
    `${colours.green('Taken back')}: ${back.regained} commits came back, nothing was done again, and the branch ${same}.`,
  );
  return after;
}

async function go(
  client: ApiClient,
  plan: PlanView,
  to: string,
): Promise<{ readonly dropped: number; readonly regained: number; readonly reset: number }> {
  const seen = await client.previewRewind(plan.id, { to, keepIndependent: false });
  await client.control(plan.id, 'rewind', { to, keepIndependent: false, preview: seen.preview });
  await settled(client, plan, ({ status }) => status === 'paused');
  return { dropped: seen.dropped.length, regained: seen.regained.length, reset: seen.reset.length };
}

async function settled(
  client: ApiClient,
  plan: PlanView,
  isThere: (plan: PlanView) => boolean,
): Promise<PlanView> {
  for (let waited = 0; ; waited += LOOK_MS) {
    const now = await client.planPatiently(plan.id);
    if (isThere(now)) return now;
    if (waited >= PATIENCE_MS) throw new Error(stuck(now));
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function stuck({ number, status, pauseNote }: PlanView): string {
  const why = pauseNote === null ? '' : ` ${pauseNote}`;
  return `Plan ${number} is still ${status} after ${PATIENCE_MS / 1_000} s.${why} Look at it with: planwright show ${number}`;
}
