import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PACKAGE_ROOT } from './api-stack.js';
import { post } from './api-request.js';
import { withGround } from './engine/ground.js';
import { editPlan } from './engine/plans.js';
import { withPlanwright, type Planwright } from './engine/planwright-side.js';
import { compare, quantileOf, recordOf, timed, type BenchRecord } from './record.js';
import { rawGit } from './repository.js';
import { runNode } from './run-node.js';

const ROUNDS = 5;
/** Each leaves a snapshot of its base and one of its candidate. */
const TASKS = 25;
const CLI = path.join(PACKAGE_ROOT, 'dist/apps/cli/main.js');

interface Plan {
  readonly id: string;
  readonly tipCommit: string;
  readonly publishedCommit: string | null;
  readonly repository: { readonly id: string };
}

/** Plans that ran: what a rewind of one would do, archiving it over HTTP, and verifying the archive as a stranger does. */
export async function archiveSuite(
  print: (record: BenchRecord) => void,
  only: readonly string[],
): Promise<void> {
  await withGround('postgres', (ground) =>
    withPlanwright(ground, {}, async (planwright) => {
      const times = {
        rewind: [] as number[],
        archive: [] as number[],
        bundle: [] as number[],
        verify: [] as number[],
        node: [] as number[],
      };
      for (let round = 0; round < ROUNDS; round += 1) {
        const plan = await published(planwright, await planwright.start(editPlan('parallel', TASKS)));
        times.rewind.push(await timed(() => ask(planwright, `/api/plans/${plan.id}/rewind?to=base`)));
        times.archive.push(await timed(() => post(planwright, `/api/plans/${plan.id}/archive`, {})));
        const hub = path.join(planwright.home, 'hubs', `${plan.repository.id}.git`);
        const bundle = path.join(ground.folder, `${round}.bundle`);
        times.bundle.push(await timed(() => rawGit(hub, 'bundle', 'create', '--quiet', bundle, '--all')));
        const file = path.join(ground.folder, `${round}.planwright-archive`);
        await writeFile(file, await download(planwright, plan.id));
        times.verify.push(await timed(() => runNode([CLI, 'verify-archive', file], ground.folder, {})));
        times.node.push(await timed(() => runNode(['-e', '0'], ground.folder, {})));
      }
      const head = { suite: 'archive', backend: 'postgres' } as const;
      const records = {
        rewind: recordOf(
          {
            ...head,
            case: `preview of a rewind over ${TASKS} tasks, p50`,
            baseline: 'allowed',
            n: ROUNDS,
            unit: 'ms',
          },
          quantileOf(times.rewind, 0.5),
          200,
        ),
        archive: compare(
          { ...head, case: `archive with ${TASKS * 2} snapshots, p50`, baseline: 'git bundle --all' },
          0.5,
          times.archive,
          times.bundle,
        ),
        verify: compare(
          { ...head, case: `verify-archive of ${TASKS} tasks, p50`, baseline: 'node -e 0' },
          0.5,
          times.verify,
          times.node,
        ),
      };
      for (const [name, record] of Object.entries(records))
        if (only.length === 0 || only.includes(name)) print(record);
    }).then(() => undefined),
  );
}

/** Publishing is no part of archiving, unless it has not happened yet. */
async function published(planwright: Planwright, id: string): Promise<Plan> {
  await planwright.completed(id);
  for (;;) {
    const answer = await ask(planwright, `/api/plans/${id}`);
    const plan = (await answer.json()) as Plan;
    if (plan.publishedCommit === plan.tipCommit) return plan;
    await sleep(100);
  }
}

async function download(planwright: Planwright, id: string): Promise<Buffer> {
  return Buffer.from(await (await ask(planwright, `/api/plans/${id}/archive`)).arrayBuffer());
}

async function ask({ url, token }: Planwright, route: string): Promise<Response> {
  const answer = await fetch(`${url}${route}`, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${route} was refused: ${await answer.text()}`);
  return answer;
}
