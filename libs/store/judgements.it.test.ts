import { v7 as uuid } from 'uuid';
import type { Verdict } from '#domain/spec/verdict.js';
import { StoreHarness } from '#testing/engine-harness.js';

const PASS: Verdict = { outcome: 'pass', summary: 'Good.', violations: [], items: [], blocking: 0 };

let harness: StoreHarness;
let planId: string;

beforeAll(async () => {
  harness = await StoreHarness.open();
});
afterAll(() => harness.close());
beforeEach(async () => {
  planId = await harness.plan([{ tasks: [{ key: 'a' }, { key: 'b', dependsOn: ['a'] }] }]);
});

async function asked(): Promise<string> {
  const id = uuid();
  const task = await harness.db.planTask.findFirstOrThrow({ where: { planId, number: 1 } });
  await harness.onPlan(planId, (tx) =>
    tx.addJudgement({ id, taskId: task.id, handed: 'h', commit: 'c', baseCommit: 'b' }),
  );
  return id;
}

const stored = (id: string) => harness.db.judgement.findUniqueOrThrow({ where: { id } });
const over = (id: string) =>
  harness.sql.rows(
    `UPDATE judgements SET lease_until = clock_timestamp() - interval '1 second' WHERE id = $1`,
    [id],
  );

it('is claimed once; a second delivery finds nothing', async () => {
  const id = await asked();
  expect(await harness.store.claimJudgement(id)).toMatchObject({
    id,
    token: 1,
    candidate: 'c',
    attemptBase: 'b',
  });
  expect(await harness.store.claimJudgement(id)).toBeNull();
  expect(await harness.store.claimJudgement(uuid())).toBeNull();
});

it('is taken over when its lease is over, and then only the one who has it finishes it', async () => {
  const id = await asked();
  await harness.store.claimJudgement(id);
  await over(id);
  expect(await harness.store.claimJudgement(id)).toMatchObject({ token: 2 });
  await harness.store.finishJudgement({ id, token: 1, verdict: null, message: 'late' });
  expect(await stored(id)).toMatchObject({ status: 'running', message: null });
  await harness.store.finishJudgement({ id, token: 2, verdict: PASS, message: null });
  expect(await stored(id)).toMatchObject({ status: 'done', verdict: PASS, leaseUntil: null });
  expect(await harness.store.claimJudgement(id)).toBeNull();
});

it('is brought back by the reconciler’s own query when its verifier died, and given up after five', async () => {
  const id = await asked();
  for (let token = 1; token <= 5; token += 1) {
    expect(await harness.store.claimJudgement(id)).toMatchObject({ token });
    await over(id);
  }
  await harness.sql.rows(
    `UPDATE judgements SET delivered_at = clock_timestamp() - interval '1 hour', deliveries = 1 WHERE id = $1`,
    [id],
  );
  const overdue = (await harness.store.overdue(100)).find((row) => row.id === id);
  expect(overdue).toMatchObject({ entity: 'judgement', why: 'lease' });
  if (overdue === undefined) return;
  expect(await harness.store.redeliver(overdue)).toMatchObject({
    effect: { kind: 'deliver', stage: 'judge', id, delivery: 2 },
  });
  expect(await harness.store.claimJudgement(id)).toBeNull();
  expect(await stored(id)).toMatchObject({ status: 'errored' });
});

it('keeps its lease while its plan is in the same epoch', async () => {
  const id = await asked();
  await harness.store.claimJudgement(id);
  expect(await harness.store.renew({ entity: 'judgement', id, token: 1 })).toBe(true);
  await harness.sql.rows('UPDATE plans SET epoch = epoch + 1 WHERE id = $1', [planId]);
  expect(await harness.store.renew({ entity: 'judgement', id, token: 1 })).toBe(false);
  await over(id);
  expect(await harness.store.claimJudgement(id)).toBeNull();
});

it('goes after a day', async () => {
  const [old, young] = [await asked(), await asked()];
  await harness.sql.rows(
    `UPDATE judgements SET created_at = clock_timestamp() - interval '25 hours' WHERE id = $1`,
    [old],
  );
  await harness.store.forgetJudgements();
  const left = await harness.db.judgement.findMany({ where: { planId }, select: { id: true } });
  expect(left).toEqual([{ id: young }]);
});

it('looks at the base where a task without dependencies has a spec that nobody looked at, once', async () => {
  const spec = (yaml: string) => ({ yaml, hash: yaml });
  const id = await harness.plan([
    {
      tasks: [
        { key: 'a', spec: spec('one') },
        { key: 'b', dependsOn: ['a'], spec: spec('two') },
      ],
    },
  ]);
  expect(await harness.onPlan(planId, (tx) => tx.addBaseJudgement(uuid()))).toBe(false);
  expect(await harness.onPlan(id, (tx) => tx.addBaseJudgement(uuid()))).toBe(true);
  expect(await harness.onPlan(id, (tx) => tx.addBaseJudgement(uuid()))).toBe(false);
  const unseen = await harness.store.unseenSpecs(id);
  expect(unseen).toMatchObject([{ yaml: 'one', tasks: [{ number: 1 }] }]);
  const specId = unseen[0]?.id ?? '';
  expect(await harness.onPlan(id, (tx) => tx.markOnBase(specId, 'green'))).toBe(true);
  expect(await harness.onPlan(id, (tx) => tx.markOnBase(specId, 'red'))).toBe(false);
  expect(await harness.store.unseenSpecs(id)).toEqual([]);
});
