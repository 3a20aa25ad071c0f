import { createAgents } from '#agents/agents-adapter.js';
import { createChecks } from '#checks/checks-adapter.js';
import { createFacts } from '#facts/facts-adapter.js';
import type { Sandbox } from '#sandbox/sandbox.js';
import { PostgresLedger } from '#store/ledger.js';
import { TaskReader } from '#store/queries/task-reader.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { createOrigin } from '#testing/git-repositories.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { testSandbox } from '#testing/sandbox.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { createPlan } from '../commands/create-plan.command.js';
import { startPlan } from '../commands/start-plan.command.js';
import type { GitPort } from '../ports/git.port.js';
import { AttemptRunner } from './attempt-runner.js';
import { integrateAttempt } from './integrate-attempt.js';
import { StrengthMeasurer, type MeasurerConfig } from './measure-strength.js';
import { verifyCommit } from './verify-commit.js';
import { spendOn } from '#testing/spend.js';

/** From the transaction that completes a task to what people see, on a real database, a real queue and real git. */

const NEVER = new AbortController().signal;
const SPEC = { spec: 1, rules: [{ id: 'there', require: { files: ['wanted.txt'] } }] };
const COMMAND = 'echo new > wanted.txt && echo more > other.txt';
const planOf = (more: object) => {
  const tasks = [{ key: 'a', title: 'A', executor: { command: COMMAND }, ...more }];
  return { name: 'Two files', phases: [{ name: 'Write', mode: 'parallel', tasks }] };
};

let harness: EngineHarness;
let kit: GitTestKit;
let port: GitPort;
let sandbox: Sandbox;
let planId: string;

beforeEach(async () => {
  harness = await EngineHarness.open();
  kit = await GitTestKit.create();
  port = kit.worker();
  sandbox = await testSandbox();
});

afterEach(async () => {
  await harness.close();
  await kit.remove();
});

function deps() {
  return {
    ...harness.deps,
    git: port,
    workspaces: kit.workspaces(port),
    agents: createAgents({ command: { sandbox } }),
    facts: createFacts(),
    checks: createChecks({ sandbox }),
    ledger: new PostgresLedger(harness.stores.sql),
    spend: spendOn(harness.stores),
  };
}

/** Brings the task of a new plan onto the branch. */
async function land(more: object = { spec: SPEC }): Promise<void> {
  const repository = await createOrigin(await kit.folder.next('origin'));
  const actorId = harness.stores.ownerId;
  planId = (await createPlan(deps(), { repository, plan: { value: planOf(more) }, actorId })).id;
  await startPlan(deps(), { planId, actorId });
  const scenes = new StoreScenes(harness.stores);
  const attempt = await scenes.attempt(planId);
  await new AttemptRunner(deps(), 1, NEVER).deliver({ planId, attemptId: attempt.id });
  await verifyCommit(deps(), { planId, runId: (await scenes.run(planId)).id }, NEVER);
  const { id: integrationId } = await scenes.integration(planId);
  await integrateAttempt(deps(), { planId, integrationId }, NEVER);
}

const measurer = (over: Partial<MeasurerConfig> = {}) =>
  new StrengthMeasurer(deps(), { budgetMs: 30_000, isBusy: () => false, ...over });
const waiting = () => harness.stores.db.outbox.count({ where: { planId, kind: 'measure' } });
const events = () =>
  harness.stores.db.planEvent.findMany({ where: { planId, type: 'task.strength_measured' } });
async function task() {
  const found = await new TaskReader(harness.stores.db, harness.stores.sql).task({ planId, taskNumber: 1 });
  if (found === null) throw new Error('there is no such task');
  return found;
}

test('a verified task that was integrated is measured once, shown, and told', async () => {
  await land();
  expect(await task()).toMatchObject({ status: 'completed', strength: null });
  await measurer().tick();
  const { commit, strength } = await task();
  expect(strength).toEqual({
    commit,
    hunks: 2,
    guarded: 1,
    undecided: 0,
    unmeasured: 0,
    checks: 0,
    unguarded: [{ file: 'other.txt', firstLine: 1, lastLine: 1 }],
  });
  expect(await events()).toMatchObject([{ payload: { task: 1, commit, hunks: 2, guarded: 1 } }]);
  expect(await waiting()).toBe(0);
});

test('an unverified task proves nothing and is not measured', async () => {
  await land({});
  expect(await task()).toMatchObject({ status: 'completed', verified: false });
  expect(await waiting()).toBe(0);
});

test('what is done twice is written once', async () => {
  await land();
  const [row] = await harness.stores.db.outbox.findMany({ where: { planId, kind: 'measure' } });
  await measurer().tick();
  await harness.stores.db.outbox.create({ data: { planId, kind: 'measure', payload: row?.payload ?? {} } });
  await measurer().tick();
  expect(await events()).toHaveLength(1);
  expect(await waiting()).toBe(0);
});

test('while a commit waits for its verdict nothing is begun, and what has begun stands still', async () => {
  await land();
  await measurer({ isBusy: () => true }).tick();
  expect(await events()).toHaveLength(0);
  expect(await waiting()).toBe(1);
  const asked: boolean[] = [];
  // Busy before the second question: it is asked again until it is not.
  await measurer({ isBusy: () => (asked.push(asked.length % 2 === 1), asked.at(-1) === true) }).tick();
  expect(asked.filter(Boolean).length).toBeGreaterThan(1);
  expect(await events()).toHaveLength(1);
});

test('without time for it nothing is measured, and nothing is left to do', async () => {
  await land();
  await measurer({ budgetMs: 0 }).tick();
  expect(await waiting()).toBe(0);
  expect((await task()).strength).toBeNull();
});

test('what was measured of a commit that is no longer the task’s is not shown', async () => {
  await land();
  await measurer().tick();
  await harness.stores.db.planTask.updateMany({
    where: { planId, number: 1 },
    data: { commitSha: 'f'.repeat(40) },
  });
  expect((await task()).strength).toBeNull();
});
