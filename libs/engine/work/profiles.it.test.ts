import { profileFileSchema, type ProfileFileInput } from '#contracts/profile/profile-file.js';
import { createAgents } from '#agents/agents-adapter.js';
import type { Verdict } from '#domain/spec/verdict.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { EngineWorker } from '#testing/engine-worker.js';
import { createOrigin } from '#testing/git-repositories.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { isolatedSandbox, testSandbox } from '#testing/sandbox.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { archiveProfile } from '../commands/archive-profile.command.js';
import { createPlan } from '../commands/create-plan.command.js';
import { createProfile, createStarterProfiles } from '../commands/create-profile.command.js';
import { startPlan } from '../commands/start-plan.command.js';
import { updateProfile } from '../commands/update-profile.command.js';
import { updateTask } from '../commands/update-task.command.js';

/** Work under profiles, from the claim to the branch: real database, real processes, real git. */

const FILES = { 'src/app.ts': 'export const app = 1;\n', 'docs/a.md': 'A\n' };

let harness: EngineHarness;
let kit: GitTestKit;
let worker: EngineWorker;
let scenes: StoreScenes;
let planId: string;

beforeEach(async () => {
  harness = await EngineHarness.open();
  kit = await GitTestKit.create();
  worker = await EngineWorker.open(harness, kit);
  scenes = new StoreScenes(harness.stores);
});
afterEach(async () => {
  await harness.close();
  await kit.remove();
});

const profile = (slug: string, command: string, over: Partial<ProfileFileInput> = {}) =>
  createProfile(
    harness.deps,
    profileFileSchema.parse({ slug, type: 'engineer', executor: { command }, ...over }),
  );

async function run(...tasks: object[]): Promise<void> {
  const repository = await createOrigin(await kit.folder.next('origin'), FILES);
  const actorId = harness.stores.ownerId;
  const titled = tasks.map((task, at) => ({ title: `Task ${at + 1}`, maxAttempts: 1, ...task }));
  const plan = { value: { name: 'Profiles', phases: [{ name: 'One', mode: 'sequential', tasks: titled }] } };
  planId = (await createPlan(worker.deps, { repository, plan, actorId })).id;
  await startPlan(worker.deps, { planId, actorId });
  await worker.drain(planId);
}

async function attempt(number = 1) {
  const { id: taskId } = await scenes.task(planId, number);
  return harness.stores.db.taskAttempt.findFirstOrThrow({ where: { taskId }, orderBy: { number: 'desc' } });
}
const status = async (number = 1) => (await scenes.task(planId, number)).status;
const plan = () => harness.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });

test('a task that needs something is done by whoever is best at it, and the attempt says who and why', async () => {
  await profile('plain', 'touch plain.txt', { capabilities: ['sql'] });
  await profile('expert', 'touch expert.txt', { capabilities: [{ name: 'sql', level: 5 }] });
  await run({ needs: ['sql'] });
  expect(await status()).toBe('completed');
  const { profile: pinned, input } = await attempt();
  expect(pinned).toMatchObject({ slug: 'expert', reason: expect.stringContaining('best of 2') as unknown });
  expect(input).not.toBeNull();
  const started = await harness.stores.db.planEvent.findFirstOrThrow({
    where: { planId, type: 'attempt.started' },
  });
  expect(started.payload).toMatchObject({ profile: 'expert', reason: expect.any(String) as unknown });
});

test('a candidate that leaves its scope fails as scope_exceeded, mayChange or not', async () => {
  await profile('docs', 'echo B >> docs/a.md; echo x >> src/app.ts', {
    constraints: { writes: ['docs/**'] },
  });
  await run({ profile: 'docs', mayChange: ['**'] });
  expect(await attempt()).toMatchObject({ status: 'rejected', failure: 'scope_exceeded' });
  const { verdict } = await harness.stores.db.verificationRun.findFirstOrThrow({ where: { planId } });
  expect((verdict as unknown as Verdict).violations).toMatchObject([
    { rule: 'profile-scope', file: 'src/app.ts', message: expect.stringContaining('docs/**') as unknown },
  ]);
});

test.each([
  ['maxFiles', { maxFiles: 1 }, '2 files'],
  ['maxLines', { maxLines: 1 }, '2 lines'],
  ['forbids', { forbids: ['src/**'] }, 'forbids'],
])('%s is judged on the diff', async (_, constraints, words) => {
  await profile('kept', 'echo B >> docs/a.md; echo x >> src/app.ts', { constraints });
  await run({ profile: 'kept' });
  const { failure, message } = await attempt();
  expect(failure).toBe('scope_exceeded');
  const { verdict } = await harness.stores.db.verificationRun.findFirstOrThrow({ where: { planId } });
  expect(JSON.stringify(verdict)).toContain(words);
  expect(message).toContain('profile-scope');
});

test('a task with an executor keeps it, and a profile that it names narrows it', async () => {
  await profile('docs', 'exit 1', { constraints: { writes: ['docs/**'] } });
  await run(
    { executor: { command: 'echo B >> docs/a.md' }, profile: 'docs' },
    { executor: { command: 'echo x >> src/app.ts' }, needs: ['unheard-of'] },
    { executor: { command: 'echo y >> src/app.ts' }, profile: 'docs' },
  );
  expect([await status(1), await status(2), (await attempt(3)).failure]).toEqual([
    'completed',
    'completed',
    'scope_exceeded',
  ]);
  expect((await attempt(2)).profile).toBeNull();
});

test('where nobody can do it, nothing begins and no attempt is spent', async () => {
  await profile('plain', 'true', { capabilities: ['sql'] });
  await run({ needs: ['sql', 'rust'] });
  expect(await status()).toBe('failed');
  expect(await attempt()).toMatchObject({ status: 'cancelled', startedAt: null, profile: null });
  const { status: of, pauseNote } = await plan();
  expect(of).toBe('paused');
  expect(pauseNote).toContain('no active profile can do rust');
});

test('a command that its profile does not allow does not begin', async () => {
  await profile('kept', 'npm test', { constraints: { commands: ['npm test'] } });
  await run({ executor: { command: 'npm test; touch x' }, profile: 'kept' });
  expect((await attempt()).status).toBe('cancelled');
  expect((await plan()).pauseNote).toContain('under the profile kept');
});

test('a plan or an edit that names a profile which there is not is refused with those there are', async () => {
  await profile('docs', 'true');
  const refusal = {
    code: 'invalid',
    remedy: expect.stringContaining('docs') as unknown,
    problems: [{ path: 'phases[0].tasks[1].profile', message: 'there is no profile dosc' }],
  };
  await expect(run({ profile: 'docs' }, { profile: 'dosc' })).rejects.toMatchObject(refusal);
  expect(await harness.stores.db.plan.count()).toBe(0);
  await run({ executor: { external: {} } }, { profile: 'docs' });
  const edit = { planId, actorId: harness.stores.ownerId, taskNumber: 2, changes: { profile: 'dosc' } };
  await expect(updateTask(harness.deps, edit)).rejects.toMatchObject(refusal);
});

test('two changes of a profile at once are both kept', async () => {
  await profile('docs', 'true', { capabilities: ['sql'] });
  const changes = [{ description: 'All texts.' }, { capabilities: [{ name: 'prose', level: 2 }] }];
  await Promise.all(changes.map((change) => updateProfile(harness.deps, 'docs', change)));
  expect(await harness.deps.store.profiles.find('docs')).toMatchObject(changes[0] ?? {});
  expect(await harness.deps.store.profiles.find('docs')).toMatchObject(changes[1] ?? {});
});

test('an archived profile is given nothing', async () => {
  await profile('gone', 'touch a', { capabilities: ['sql'] });
  await archiveProfile(harness.deps, 'gone');
  await run({ profile: 'gone' });
  expect((await plan()).pauseNote).toContain(
    'gone is archived: bring it back (planwright agent restore gone), make it active',
  );
});

test('without a network a command has its own loopback alone', async () => {
  const agents = createAgents({ command: { sandbox: await isolatedSandbox() } });
  worker = await EngineWorker.open(harness, kit, agents);
  const looks = 'cat /proc/net/dev; touch a';
  await profile('offline', looks, { constraints: { network: false } });
  await profile('online', `${looks}; touch b`);
  await run({ profile: 'offline' }, { profile: 'online' });
  const devices = async (number: number) =>
    [...(await attempt(number)).output.matchAll(/^ *([\w.-]+):/gm)].map(([, name]) => name);
  expect(await devices(1)).toEqual(['lo']);
  expect((await devices(2)).length).toBeGreaterThan(0);
  expect([await status(1), await status(2)]).toEqual(['completed', 'completed']);
});

test('without isolation a command that is to have no network is not run', async () => {
  const agents = createAgents({ command: { sandbox: await testSandbox({ mode: 'off' }) } });
  worker = await EngineWorker.open(harness, kit, agents);
  await profile('offline', 'touch a', { constraints: { network: false } });
  await profile('online', 'touch a');
  await run({ profile: 'offline' });
  expect((await attempt()).status).not.toBe('passed');
  expect(await status()).not.toBe('completed');
  await run({ profile: 'online' });
  expect(await status()).toBe('completed');
});

test('the starters are written once, and never over what people made of them', async () => {
  await Promise.all([createStarterProfiles(harness.deps), createStarterProfiles(harness.deps)]);
  const { profiles } = harness.deps.store;
  const slugs = (await profiles.list({})).map(({ slug }) => slug);
  expect(slugs).toEqual(['backend', 'docs', 'frontend', 'planner', 'reviewer', 'tests']);
  await updateProfile(harness.deps, 'docs', { capabilities: [{ name: 'prose', level: 2 }], tools: null });
  await createStarterProfiles(harness.deps);
  expect(await profiles.find('docs')).toMatchObject({
    capabilities: [{ name: 'prose', level: 2 }],
    tools: null,
    constraints: { writes: ['docs/**', '**/*.md'] },
  });
  expect((await profiles.list({ capability: 'sql' })).map(({ slug }) => slug)).toEqual(['backend']);
});
