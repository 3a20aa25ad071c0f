import { join } from 'node:path';
import { createAgents } from '#agents/agents-adapter.js';
import type { AgentCli } from '#contracts/agents/agent-cli.js';
import { AGENT_CLIS } from '#contracts/agents/table.js';
import { makeStandIns } from '#testing/agent-cli/stand-ins.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { EngineWorker } from '#testing/engine-worker.js';
import { createOrigin, git, TEST_PATH } from '#testing/git-repositories.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { isolatedSandbox } from '#testing/sandbox.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { createPlan } from '../commands/create-plan.command.js';
import { startPlan } from '../commands/start-plan.command.js';
import { onPlan } from '../unit-of-work.js';

/** A coding agent, by its command line in the sandbox, from the plan to the branch: real database, git and processes. */

const SPEC = 'spec: 1\nrules:\n  - { id: made, require: { files: [done.txt] } }\n';

let harness: EngineHarness;
let kit: GitTestKit;
let worker: EngineWorker;
let scenes: StoreScenes;

beforeEach(async () => {
  harness = await EngineHarness.open();
  kit = await GitTestKit.create();
  scenes = new StoreScenes(harness.stores);
});
afterEach(async () => {
  await harness.close();
  await kit.remove();
});

async function withAgents(environment: Readonly<Record<string, string>>): Promise<void> {
  const path = `${makeStandIns(kit.folder.path)}:${TEST_PATH}`;
  const sandbox = await isolatedSandbox({ path });
  const cli = { sandbox, path, now: () => new Date(), environment, hosts: [], loginHome: null };
  worker = await EngineWorker.open(harness, kit, createAgents({ command: { sandbox }, cli }));
}

async function started(task: object): Promise<string> {
  const repository = await createOrigin(await kit.folder.next('origin'), { 'a.txt': 'a\n' });
  const actorId = harness.stores.ownerId;
  const tasks = [{ title: 'Make it', executor: { agent: 'codex', effort: 'high' }, ...task }];
  const plan = { value: { name: 'Agents', phases: [{ name: 'One', mode: 'parallel', tasks }] } };
  const { id } = await createPlan(worker.deps, { repository, plan, actorId });
  await startPlan(worker.deps, { planId: id, actorId });
  return id;
}

it('an attempt that is rejected tells the next one why, and that one lands', async () => {
  const prompt = 'Make it.\nStand-in: writes wrong.txt x\nStand-in: later writes done.txt yes';
  await withAgents({ CODEX_API_KEY: 'key' });
  const planId = await started({ prompt, spec: SPEC });
  await worker.drain(planId);
  // Without the wait before a retry.
  await harness.stores.db.planTask.updateMany({ where: { planId }, data: { notBefore: null } });
  await onPlan(worker.deps, planId, async () => {});
  await worker.drain(planId);
  expect((await scenes.task(planId)).status).toBe('completed');
  const plan = await harness.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
  const hub = join(kit.hubBase, `${plan.repositoryId}.git`);
  const record = JSON.parse(await git(hub, 'show', `${plan.branch}:stand-in.json`)) as {
    args: string[];
    prompt: string;
  };
  expect(record.args).toEqual(expect.arrayContaining(['exec', 'model_reasoning_effort="high"']));
  expect(record.prompt).toMatch(/This is attempt 2\.[^]*- made, [^]*\+x\n/);
  expect(await git(hub, 'show', `${plan.branch}:done.txt`)).toBe('yes');
});

it('what the worker lacks fails the attempt as a fault of the machine, with what to do', async () => {
  await withAgents({});
  const planId = await started({});
  const { id: attemptId } = await scenes.attempt(planId);
  await worker.execute({ planId, attemptId });
  const row = await harness.stores.db.taskAttempt.findUniqueOrThrow({ where: { id: attemptId } });
  const { title }: AgentCli = AGENT_CLIS.codex;
  expect(row).toMatchObject({ status: 'errored', failure: 'infrastructure' });
  expect(JSON.stringify(row)).toContain(`${title} has no key: set one of CODEX_API_KEY`);
});
