import pg from 'pg';
import { archiveManifest } from '#contracts/archive/manifest.js';
import { envelopeSchema, statementSchema } from '#contracts/archive/envelope.js';
import { PlanWorkshop } from '#testing/plan-workshop.js';
import { archivePlan } from '../commands/archive-plan.command.js';
import { deletePlan } from '../commands/delete-plan.command.js';
import { pausePlan } from '../commands/pause-plan.command.js';
import { publishPlan } from '../commands/publish-plan.command.js';
import { brokenLinks } from '../archive/event-chain.js';
import { finishArchive } from './finish-archive.js';
import { Reconciler } from './reconcile.js';

/** Archiving on a real database and real git: what it leaves, and what it refuses. */

let workshop: PlanWorkshop;
let actorId: string;

beforeAll(async () => {
  workshop = await PlanWorkshop.open({ 'a.txt': 'a\n' });
  ({ actorId } = workshop);
});
afterAll(() => workshop.close());

const change = (key: string) => ({ key, title: key, executor: { command: `echo ${key} > ${key}.txt` } });
const plan = (more: object, ...tasks: object[]) => ({
  name: 'Archived',
  ...more,
  phases: [{ name: 'One', mode: 'parallel', tasks }],
});

async function manifestOf(planId: string) {
  const { repositoryId } = await workshop.plan(planId);
  const { archives } = workshop.deps.git;
  const stored = await archives.readArchive({ repositoryId, planId });
  if (stored === null) throw new Error('there is no archive');
  const read = async (blob: string) => {
    const pieces: Buffer[] = [];
    for await (const piece of archives.readBlob({ repositoryId, blob })) pieces.push(piece);
    return JSON.parse(Buffer.concat(pieces).toString()) as unknown;
  };
  const envelope = envelopeSchema.parse(await read(stored.files['envelope.json'].blob));
  const statement = JSON.parse(Buffer.from(envelope.payload, 'base64').toString()) as unknown;
  return {
    manifest: archiveManifest.parse(await read(stored.files['manifest.json'].blob)),
    statement: statementSchema.parse(statement),
    commit: stored.commit,
  };
}

describe('a completed plan', () => {
  it('is archived with all that happened, its branch published, and a last snapshot', async () => {
    const planId = await workshop.run(plan({}, change('b'), change('c')));
    await archivePlan(workshop.deps, { planId, actorId, note: 'shipped' });
    const row = await workshop.plan(planId);
    const { manifest, statement, commit } = await manifestOf(planId);
    expect(row.status).toBe('archived');
    expect(row.archive).toMatchObject({
      from: 'completed',
      note: 'shipped',
      forced: false,
      commit,
      manifest: statement.subject[0]?.digest.sha256,
      bundle: statement.subject[1]?.digest.sha256,
    });
    expect(manifest.plan).toMatchObject({ outcome: 'completed', publishedCommit: row.tipCommit });
    expect(manifest.tasks.map(({ key, status }) => [key, status])).toEqual([
      ['b', 'completed'],
      ['c', 'completed'],
    ]);
    expect(manifest.runs.every(({ verdict }) => verdict?.outcome === 'pass')).toBe(true);
    expect(brokenLinks(planId, manifest.events)).toEqual([]);
    expect(manifest.events.at(-1)?.type).toBe('plan.archiving');
    const events = await workshop.harness.stores.db.planEvent.findMany({ where: { planId } });
    expect(events.find(({ type }) => type === 'plan.archived')?.payload).toMatchObject({ commit });
    const final = await workshop.harness.stores.db.codeSnapshot.findFirstOrThrow({
      where: { planId, kind: 'final' },
      include: { diffs: true },
    });
    expect(final).toMatchObject({ commit: row.tipCommit, baseCommit: row.baseCommit });
    expect(final.diffs.map(({ filePath }) => filePath)).toEqual(['b.txt', 'c.txt']);
  });

  it('is archived once, however many finish it', async () => {
    const planId = await workshop.run(plan({}, change('d')));
    await Promise.all(
      [1, 2, 3].map(() => archivePlan(workshop.deps, { planId, actorId }).catch(() => undefined)),
    );
    const where = { planId, type: { in: ['plan.archiving', 'plan.archived'] } };
    const events = await workshop.harness.stores.db.planEvent.findMany({ where, orderBy: { seq: 'asc' } });
    expect(events.map(({ type }) => type)).toEqual(['plan.archiving', 'plan.archived']);
    const row = await workshop.plan(planId);
    const { statement } = await manifestOf(planId);
    expect(row.archive).toMatchObject({ manifest: statement.subject[0]?.digest.sha256 });
    await expect(archivePlan(workshop.deps, { planId, actorId })).rejects.toThrow(/is archived/);
  });

  it.each([1, 2])('keeps the archive that another finisher recorded after its read %s', async (read) => {
    const planId = await workshop.run(plan({}, change(`i${read}`)));
    const { store } = workshop.deps;
    let reads = 0;
    const slower = Object.assign(Object.create(store) as typeof store, {
      archiveRecord: async (id: string) => {
        const record = await store.archiveRecord(id);
        if (++reads === read) await finishArchive(workshop.deps, id);
        return record;
      },
    });
    // Of another build, so that its archive would not be the same.
    const tools = { ...workshop.deps.tools, planwright: 'next' };
    await archivePlan({ ...workshop.deps, store: slower, tools }, { planId, actorId });
    const row = await workshop.plan(planId);
    expect(row.status).toBe('archived');
    expect(reads).toBe(2);
    expect(row.archive).toMatchObject({ commit: (await manifestOf(planId)).commit });
  });

  it('is archived by the reconciler when the archiver died with its archive stored', async () => {
    const planId = await workshop.run(plan({}, change('e')));
    const reach = (point: string) => {
      if (point === 'archive.stored') throw new Error('died');
    };
    await archivePlan({ ...workshop.deps, reach }, { planId, actorId });
    expect((await workshop.plan(planId)).status).toBe('archiving');
    // What a person sends meanwhile belongs to it: the archive that is stored is not the last.
    await workshop.harness.stores.onPlan(planId, (tx) =>
      tx.apply({ changes: [], events: [{ type: 'note.taken', payload: {} }], effects: [] }, actorId),
    );
    await new Reconciler(workshop.deps).tick();
    expect((await workshop.plan(planId)).status).toBe('archived');
    expect((await manifestOf(planId)).manifest.events.at(-1)?.type).toBe('note.taken');
  });
});

describe('a plan with open tasks', () => {
  const waiting = { key: 'w', title: 'Wait for it', executor: { wait: { event: 'go' } } };

  it('is refused with their names, and with force only for a reason; then they are cancelled', async () => {
    const planId = await workshop.run(plan({}, change('f'), waiting));
    await pausePlan(workshop.deps, { planId, actorId });
    expect((await workshop.plan(planId)).status).toBe('paused');
    await expect(archivePlan(workshop.deps, { planId, actorId })).rejects.toThrow(
      /\.2 Wait for it \(waiting\)/,
    );
    await expect(archivePlan(workshop.deps, { planId, actorId, force: true })).rejects.toThrow(
      /needs a note/,
    );
    await archivePlan(workshop.deps, { planId, actorId, force: true, note: 'no more of it' });
    const { manifest } = await manifestOf(planId);
    expect(manifest.archive).toMatchObject({ from: 'paused', forced: true, open: 1, note: 'no more of it' });
    expect(manifest.tasks.map(({ status }) => status)).toEqual(['completed', 'cancelled']);
    expect(manifest.phases.map(({ status }) => status)).toEqual(['cancelled']);
    const row = await workshop.plan(planId);
    expect(row).toMatchObject({ status: 'archived', activeTasks: 0 });
  });

  it('that runs is refused', async () => {
    const planId = await workshop.run(plan({}, { ...waiting, key: 'x' }));
    const refused = archivePlan(workshop.deps, { planId, actorId, force: true, note: 'now' });
    await expect(refused).rejects.toThrow(/only a plan that has ended, or is paused/);
  });
});

describe('an archived plan', () => {
  let planId: string;
  let client: pg.Client;

  beforeAll(async () => {
    planId = await workshop.run(plan({}, change('g'), change('h')));
    await archivePlan(workshop.deps, { planId, actorId });
    client = new pg.Client({ connectionString: workshop.harness.stores.database.url });
    await client.connect();
  });
  afterAll(() => client.end());

  const TABLES = [
    'phases',
    'plan_tasks',
    'task_attempts',
    'verification_runs',
    'integrations',
    'code_snapshots',
    'plan_events',
  ];

  it.each(TABLES)('keeps its rows of %s against raw SQL', async (table) => {
    const where = `WHERE plan_id = '${planId}'`;
    const before = await client.query(`SELECT * FROM ${table} ${where}`);
    expect(before.rows.length).toBeGreaterThan(0);
    await expect(client.query(`UPDATE ${table} SET plan_id = plan_id ${where}`)).rejects.toThrow(
      /archived|append-only/,
    );
    await expect(client.query(`DELETE FROM ${table} ${where}`)).rejects.toThrow(/archived|append-only/);
    expect((await client.query(`SELECT * FROM ${table} ${where}`)).rows).toEqual(before.rows);
  });

  it('gets no row more, and keeps what names it by another row', async () => {
    const event = `INSERT INTO plan_events (plan_id, seq, type, actor_id, at, prev_hash, hash)
                   VALUES ('${planId}', 9999, 'x', '${actorId}', now(), '', '')`;
    await expect(client.query(event)).rejects.toThrow(/is archived/);
    const diffs = `code_diffs WHERE snapshot_id IN (SELECT id FROM code_snapshots WHERE plan_id = '${planId}')`;
    expect((await client.query(`SELECT id FROM ${diffs}`)).rows.length).toBeGreaterThan(0);
    await expect(client.query(`DELETE FROM ${diffs}`)).rejects.toThrow(/is archived/);
  });

  it('keeps its rows from whoever holds its lock, or that of another plan', async () => {
    const { store, db } = workshop.harness.stores;
    const { id: attemptId, taskId } = await db.taskAttempt.findFirstOrThrow({ where: { planId } });
    const [commit, gitRef] = ['1'.repeat(40), 'refs/x'];
    const snapshot = {
      taskId,
      attemptId,
      kind: 'failed',
      gitRef,
      commit,
      baseCommit: commit,
      diffs: [],
    } as const;
    await expect(store.withPlan(planId, (tx) => tx.addSnapshot(snapshot))).rejects.toThrow(/is archived/);
    await client.query(`SELECT set_config('planwright.open_plan', '${taskId}', false)`);
    const rename = `UPDATE plan_tasks SET title = 'x' WHERE plan_id = '${planId}'`;
    await expect(client.query(rename)).rejects.toThrow(/is archived/);
  });

  it('keeps its own row, but for a tombstone that is set once', async () => {
    const set = (what: string) => client.query(`UPDATE plans SET ${what} WHERE id = '${planId}'`);
    for (const what of [
      "status = 'paused'",
      "name = 'x'",
      "archive = '{}'",
      "deleted_at = now(), name = 'x'",
    ])
      await expect(set(what)).rejects.toThrow(/is archived/);
    await expect(client.query(`DELETE FROM plans WHERE id = '${planId}'`)).rejects.toThrow(/archived/);
    await publishPlan(workshop.deps, planId);
    await deletePlan(workshop.deps, { planId, actorId });
    await expect(set('deleted_at = NULL')).rejects.toThrow(/is archived/);
    expect((await workshop.plan(planId)).deletedAt).not.toBeNull();
    expect((await workshop.archive(planId)).length).toBeGreaterThan(0);
  });

  it('is removed whole by retention alone, which says what it was and why it went', async () => {
    const remove = (why: string) =>
      client.query<{ done: boolean }>('SELECT remove_archived_plan($1, $2) AS done', [planId, why]);
    await expect(remove(' ')).rejects.toThrow(/reason/);
    expect((await remove('seven years are over')).rows).toEqual([{ done: true }]);
    expect((await client.query(`SELECT 1 FROM plan_events WHERE plan_id = '${planId}'`)).rows).toEqual([]);
    expect((await client.query(`SELECT 1 FROM plans WHERE id = '${planId}'`)).rows).toEqual([]);
    const [left] = (await client.query(`SELECT * FROM removed_plans WHERE plan_id = '${planId}'`)).rows as [
      Record<string, unknown>,
    ];
    expect(left).toMatchObject({ name: 'Archived', reason: 'seven years are over' });
    await expect(client.query('DELETE FROM removed_plans')).rejects.toThrow(/append-only/);
    expect((await remove('again')).rows).toEqual([{ done: false }]);
  });
});
