import type { PlanAudit } from '#contracts/api/audit.js';
import { createCheckpoint } from '#engine/commands/create-checkpoint.command.js';
import { previewRewind, rewindPlan } from '#engine/commands/rewind-plan.command.js';
import { git } from '#testing/git-repositories.js';
import { PlanWorkshop } from '#testing/plan-workshop.js';
import { archivePlan } from '../commands/archive-plan.command.js';
import { createPlan } from '../commands/create-plan.command.js';
import { pausePlan } from '../commands/pause-plan.command.js';
import { Reconciler } from '../work/reconcile.js';
import { auditPlan } from './audit-plan.js';

/** Plans that really ran, and what an audit says of them once somebody changed what is stored. */

const TIMEOUT = 120_000;
const rule = (file: string, name: string) => ({
  id: `has-${name}`,
  scope: { include: [file] },
  require: { identifiers: [name] },
});
const write = (key: string, command: string) => ({
  key,
  title: key,
  executor: { command },
  spec: { spec: 1, rules: [rule(`src/${key}.js`, key)] },
});
const PLAN = {
  name: 'To be audited',
  phases: [
    {
      name: 'Write',
      mode: 'parallel',
      tasks: [
        write(
          'one',
          'if [ "$PLANWRIGHT_ATTEMPT" = 1 ]; then echo wrong > src/one.js; else echo "const one = 1;" > src/one.js; fi',
        ),
        write('two', 'echo "const two = 2;" > src/two.js'),
        { key: 'go', title: 'Wait', executor: { wait: { event: 'go' } } },
      ],
    },
  ],
};

let workshop: PlanWorkshop;
let planId: string;
let hub: string;
let branch: string;

beforeAll(async () => {
  workshop = await PlanWorkshop.open({ 'src/one.js': 'const uno = 1;\n' });
  planId = await workshop.run(PLAN);
  await untilLanded(2);
  const plan = await workshop.plan(planId);
  hub = `${workshop.kit.hubBase}/${plan.repositoryId}.git`;
  branch = `refs/heads/${plan.branch}`;
  await createCheckpoint(workshop.deps, { planId, actorId: workshop.actorId, name: 'here' });
}, TIMEOUT);
afterAll(() => workshop.close());

/** A task that was turned down begins again after a pause: whoever sees that it is over is the reconciler. */
async function untilLanded(count: number): Promise<void> {
  const reconciler = new Reconciler(workshop.deps);
  const landed = { planId, status: 'completed' };
  while ((await workshop.harness.stores.db.planTask.count({ where: landed })) < count) {
    await reconciler.tick();
    await workshop.work();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function audit(id = planId): Promise<PlanAudit> {
  const found = await auditPlan(workshop.deps, id, new AbortController().signal);
  if (found === null) throw new Error(`there is no plan ${id}`);
  return found;
}

const wrong = ({ parts }: PlanAudit) =>
  parts.flatMap(({ part, findings }) => findings.map(({ place }) => `${part} ${place}`));

/** What whoever holds the database can do: triggers do not hold for them. */
async function inDatabase(change: string, undo: string, look: () => Promise<void>): Promise<void> {
  const { sql } = workshop.harness.stores;
  const run = (text: string) =>
    sql.transaction(async (tx) => {
      tx.send("SET LOCAL session_replication_role = 'replica'");
      tx.send(text);
    });
  await run(change);
  try {
    await look();
  } finally {
    await run(undo);
  }
}

const GONE = 'dead'.repeat(10);
function treesOf({ parts }: PlanAudit): PlanAudit['parts'][number] {
  const found = parts.find(({ part }) => part === 'trees');
  if (found === undefined) throw new Error('an audit has no trees');
  return found;
}

/** Has the verdicts of tasks be about other commits than those that landed. */
async function judged(
  commits: Readonly<Record<number, string>>,
  look: (landed: Readonly<Record<number, string>>) => Promise<void>,
): Promise<void> {
  const runs = await workshop.harness.stores.sql.rows<{
    id: string;
    commit: string;
    task: number;
    landed: string;
  }>(
    `SELECT r.id, r."commit", t.number AS task, t.commit_sha AS landed
       FROM verification_runs r JOIN plan_tasks t ON t.id = r.task_id
      WHERE r.plan_id = $1 AND t.number = ANY($2::int[])`,
    [planId, Object.keys(commits)],
  );
  const set = (commitOf: (run: (typeof runs)[number]) => string | undefined): string =>
    `UPDATE verification_runs r SET "commit" = v.c
       FROM (VALUES ${runs.map((run) => `('${run.id}'::uuid, '${commitOf(run)}')`).join(', ')}) v(id, c)
      WHERE r.id = v.id`;
  const landed = Object.fromEntries(runs.map((run) => [run.task, run.landed]));
  await inDatabase(
    set(({ task }) => commits[task]),
    set(({ commit }) => commit),
    () => look(landed),
  );
}

async function row(text: string): Promise<Record<string, string>> {
  const [found] = await workshop.harness.stores.sql.rows<Record<string, string>>(text, [planId]);
  if (found === undefined) throw new Error('there is no such row');
  return found;
}

describe('a plan that runs', () => {
  it('is reproduced part by part and verdict by verdict', async () => {
    const found = await audit();
    expect(wrong(found)).toEqual([]);
    expect(found.parts.map(({ part, result }) => [part, result])).toEqual(
      ['events', 'record', 'branch', 'trees', 'refs'].map((part) => [part, 'reproduced']),
    );
    expect(found.parts.find(({ part }) => part === 'branch')?.count).toBe(2);
    expect(found.verdicts.flatMap(({ details }) => details)).toEqual([]);
    expect(found.verdicts.map(({ outcome }) => outcome)).toContain('fail');
    expect(found.verdicts.length).toBeGreaterThanOrEqual(3);
    expect(found.result).toBe('reproduced');
  });

  it('that has not begun has nothing that could be wrong', async () => {
    const { deps, actorId, origin: repository } = workshop;
    const { id } = await createPlan(deps, { repository, plan: { value: PLAN }, actorId });
    expect(await audit(id)).toMatchObject({ result: 'reproduced', verdicts: [] });
    expect(
      await auditPlan(deps, '00000000-0000-7000-8000-000000000000', new AbortController().signal),
    ).toBeNull();
  });
});

describe('in the database, is found where it is:', () => {
  it('an event that says something else', async () => {
    const { id, seq, payload } = await row(
      `SELECT id, seq, payload::text FROM plan_events WHERE plan_id = $1 AND type = 'task.completed' ORDER BY seq LIMIT 1`,
    );
    await inDatabase(
      `UPDATE plan_events SET payload = payload || '{"note":"nothing happened"}' WHERE id = '${id}'`,
      `UPDATE plan_events SET payload = '${payload}' WHERE id = '${id}'`,
      async () => {
        const found = await audit();
        expect([wrong(found), found.result]).toEqual([[`events /events/${Number(seq) - 1}`], 'tampered']);
      },
    );
  });

  it('a task that is said to be done by another commit, or not at all', async () => {
    const { id, commit_sha: commit } = await row(
      'SELECT id, commit_sha FROM plan_tasks WHERE plan_id = $1 AND number = 1',
    );
    const { base_commit: base } = await row('SELECT base_commit FROM plans WHERE id = $1');
    await inDatabase(
      `UPDATE plan_tasks SET commit_sha = '${base}' WHERE id = '${id}'`,
      `UPDATE plan_tasks SET commit_sha = '${commit}' WHERE id = '${id}'`,
      async () => expect(wrong(await audit())).toEqual(['record /tasks/0/commit', 'branch /tasks/0/commit']),
    );
    await inDatabase(
      `UPDATE plan_tasks SET status = 'completed' WHERE plan_id = '${planId}' AND number = 3`,
      `UPDATE plan_tasks SET status = 'waiting' WHERE plan_id = '${planId}' AND number = 3`,
      async () => expect(wrong(await audit())).toEqual(['record /tasks/2/status']),
    );
  });

  it('a verdict that was turned, which also comes out differently', async () => {
    const { id, verdict } = await row(
      `SELECT id, verdict::text FROM verification_runs WHERE plan_id = $1 AND status = 'failed'`,
    );
    await inDatabase(
      `UPDATE verification_runs SET status = 'passed', verdict = verdict || '{"outcome":"pass"}' WHERE id = '${id}'`,
      `UPDATE verification_runs SET status = 'failed', verdict = $v$${verdict}$v$ WHERE id = '${id}'`,
      async () => {
        const found = await audit();
        expect(wrong(found)).toEqual([expect.stringMatching(/^record \/runs\/\d+\/verdict$/)]);
        expect(found.verdicts.filter(({ result }) => result !== 'reproduced')).toMatchObject([
          {
            result: 'changed',
            details: expect.arrayContaining(['the outcome was pass and is fail']) as unknown,
          },
        ]);
      },
    );
  });

  it('a verdict about another commit than the one that landed', async () => {
    const { base_commit: base = '' } = await row('SELECT base_commit FROM plans WHERE id = $1');
    await judged({ 2: base }, async (landed) => {
      const found = await audit();
      expect(wrong(found)).toContain(`trees ${landed[2]}`);
      expect(treesOf(found).result).toBe('tampered');
      expect(found.result).toBe('tampered');
    });
  });

  it('a verdict about a commit that is gone, which contradicts nothing', async () => {
    await judged({ 2: GONE }, async (landed) => {
      const found = await audit();
      expect(treesOf(found)).toMatchObject({
        result: 'inconclusive',
        findings: [{ place: landed[2], message: expect.stringMatching(/ is gone\.$/) as unknown }],
      });
      expect(found.notes).toEqual(['1 commit is gone from the hub.']);
    });
    const { base_commit: base = '' } = await row('SELECT base_commit FROM plans WHERE id = $1');
    await judged({ 1: base, 2: GONE }, async () => {
      const { result, findings } = treesOf(await audit());
      expect([result, findings.length]).toEqual(['tampered', 2]);
    });
  });

  it('a verdict whose base is gone: it cannot be judged again', async () => {
    const { id, base_commit: base } = await row(
      `SELECT id, base_commit FROM verification_runs WHERE plan_id = $1 AND status = 'failed'`,
    );
    const set = (commit: string | undefined) =>
      `UPDATE verification_runs SET base_commit = '${commit}' WHERE id = '${id}'`;
    await inDatabase(set(GONE), set(base), async () => {
      const { parts, verdicts, result } = await audit();
      expect(new Set(parts.map((part) => part.result))).toEqual(new Set(['reproduced']));
      expect(verdicts.flatMap(({ details }) => details)).toEqual([`Commit ${GONE} is gone.`]);
      expect(result).toBe('inconclusive');
    });
  });
});

describe('in the hub, is found where it is:', () => {
  async function moved(ref: string, to: string, look: () => Promise<void>): Promise<void> {
    const before = (await git(hub, 'rev-parse', ref)).trim();
    await git(hub, 'update-ref', ref, to);
    try {
      await look();
    } finally {
      await git(hub, 'update-ref', ref, before);
    }
  }

  it(
    'a branch that was moved, or rewritten',
    async () => {
      const { branch: name, baseCommit } = await workshop.plan(planId);
      await moved(branch, `${branch}~1`, async () => {
        const found = await audit();
        expect(wrong(found)).toEqual([
          `branch ${name}`,
          expect.stringMatching(/^branch \/tasks\/\d\/commit$/),
        ]);
      });
      const other = (
        await git(
          hub,
          '-c',
          'user.name=x',
          '-c',
          'user.email=x@y',
          'commit-tree',
          `${branch}^{tree}`,
          '-p',
          baseCommit,
          '-m',
          'all',
        )
      ).trim();
      await moved(branch, other, async () => {
        const found = await audit();
        expect(wrong(found)).toContain(`branch ${other}`);
        expect(found.result).toBe('tampered');
      });
    },
    TIMEOUT,
  );

  it('a candidate and a checkpoint that were moved, and a checkpoint that is gone', async () => {
    const { baseCommit } = await workshop.plan(planId);
    const { git_ref: checkpoint, commit } = await row(
      `SELECT git_ref, "commit" FROM code_snapshots WHERE plan_id = $1 AND kind = 'checkpoint'`,
    );
    const { git_ref: candidate } = await row(
      `SELECT git_ref FROM code_snapshots WHERE plan_id = $1 AND kind = 'candidate' LIMIT 1`,
    );
    for (const ref of [candidate, checkpoint])
      await moved(String(ref), baseCommit, async () => expect(wrong(await audit())).toEqual([`refs ${ref}`]));
    await git(hub, 'update-ref', '-d', String(checkpoint));
    expect(wrong(await audit())).toEqual([`refs ${checkpoint}`]);
    await git(hub, 'update-ref', String(checkpoint), String(commit));
  });
});

describe('a plan that was rewound, and archived', () => {
  it(
    'is reproduced, with what the rewind left; without that it is not',
    async () => {
      const { deps, actorId } = workshop;
      await pausePlan(deps, { planId, actorId });
      const question = { planId, to: 'base', keepIndependent: false };
      const { hash: preview } = await previewRewind(deps, question);
      await rewindPlan(deps, { ...question, preview, actorId });
      const found = await audit();
      expect([wrong(found), found.result]).toEqual([[], 'reproduced']);
      expect(found.parts.find(({ part }) => part === 'branch')?.count).toBe(0);
      const [lineage = ''] = (
        await git(hub, 'for-each-ref', '--format=%(refname)', 'refs/planwright/lineage')
      ).split('\n');
      const left = (await git(hub, 'rev-parse', lineage)).trim();
      await git(hub, 'update-ref', '-d', lineage);
      expect(wrong(await audit())).toEqual([`refs ${lineage}`]);
      await git(hub, 'update-ref', lineage, left);
      await archivePlan(deps, { planId, actorId, force: true, note: 'enough' });
      expect(await audit()).toMatchObject({ result: 'reproduced', plan: { outcome: 'paused' } });
    },
    TIMEOUT,
  );
});
