import { join } from 'node:path';
import { EngineHarness } from '#testing/engine-harness.js';
import { EngineWorker } from '#testing/engine-worker.js';
import { commitAll, createOrigin, git, writeFiles } from '#testing/git-repositories.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { archivePlan } from '../commands/archive-plan.command.js';
import { createPlan } from '../commands/create-plan.command.js';
import { finishPlan } from '../commands/finish-plan.command.js';
import { publishPlan } from '../commands/publish-plan.command.js';
import { resumePlan } from '../commands/resume-plan.command.js';
import { previewRewind, rewindPlan } from '../commands/rewind-plan.command.js';
import { startPlan } from '../commands/start-plan.command.js';
import { submitTask } from '../commands/submit-task.command.js';
import { waiveContract } from '../commands/waive-contract.command.js';
import type { OriginDeps } from '../deps.js';
import { previewDelivery } from '../queries/preview-delivery.js';
import { Deliverer } from './deliver.js';
import { judgeCommit } from './judge-commit.js';

/** Deliveries on a real database, real processes and real git. */

const NEVER = new AbortController().signal;
const FILES = { 'greeting.txt': 'hello\n', 'names.txt': 'ada\n', 'src/a.ts': 'legacy();\n' };
const NO_LEGACY = `spec: 1
rules:
  - { id: no-legacy, scope: { include: [src/**] }, forbid: { identifiers: [legacy] } }
checks:
  - { id: names, run: 'grep -q ada names.txt' }
`;
const PLAN = {
  name: 'Modern',
  description: 'Removes @legacy <b>calls</b>.',
  phases: [
    {
      name: 'One',
      mode: 'sequential',
      tasks: [
        {
          key: 'call',
          title: 'Remove *legacy*',
          executor: { command: 'echo "modern();" > src/a.ts' },
          spec: NO_LEGACY,
        },
        { key: 'greet', title: 'Greet', executor: { command: 'echo "good day" > greeting.txt' } },
      ],
    },
  ],
};

let kit: GitTestKit;
let engine: EngineHarness;
let worker: EngineWorker;
let deps: OriginDeps;
let actorId: string;
/** Where people work; what they push goes to the bare origin. */
let clone: string;
let origin: string;
let planId: string;

beforeAll(async () => {
  kit = await GitTestKit.create();
  engine = await EngineHarness.open();
  worker = await EngineWorker.open(engine, kit);
  deps = worker.deps;
  actorId = engine.stores.ownerId;
});
afterAll(async () => {
  await engine.close();
  await kit.remove();
});
beforeEach(async () => {
  clone = await createOrigin(await kit.folder.next('clone'), FILES);
  origin = await kit.folder.next('origin.git');
  await git(clone, 'clone', '--quiet', '--bare', clone, origin);
  await git(clone, 'remote', 'add', 'origin', origin);
  planId = (await createPlan(deps, { repository: origin, plan: { value: PLAN }, actorId })).id;
  await startPlan(deps, { planId, actorId });
  await worker.drain(planId);
  await publishPlan(deps, planId);
});

const plan = () => engine.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
const rows = () => engine.stores.db.planDelivery.findMany({ where: { planId }, orderBy: { number: 'asc' } });
async function last() {
  const row = (await rows()).at(-1);
  if (row === undefined) throw new Error('there is no delivery');
  return row;
}
async function events(prefix: string): Promise<string[]> {
  const found = await engine.stores.db.planEvent.findMany({ where: { planId }, orderBy: { seq: 'asc' } });
  return found.map(({ type }) => type).filter((type) => type.startsWith(prefix));
}
const at = (ref: string) => git(origin, 'rev-parse', ref);
const show = (ref: string, file: string) => git(origin, 'show', `${ref}:${file}`);

/** A person pushes to main. */
async function moveMain(files: Readonly<Record<string, string>>, subject = 'Moved'): Promise<string> {
  await git(clone, 'checkout', '--quiet', 'main');
  await writeFiles(clone, files);
  const commit = await commitAll(clone, subject);
  await git(clone, 'push', '--quiet', 'origin', 'main');
  return commit;
}

/** Until every delivery has ended, or waits for a person: what the API and the verifier do. */
async function carryOut(over: OriginDeps = deps): Promise<void> {
  const deliverer = new Deliverer(over);
  for (let round = 0; round < 20; round += 1) {
    await deliverer.tick();
    const queued = await engine.stores.db.judgement.findFirst({
      where: { planId, status: 'queued', deliveryId: { not: null } },
    });
    if (queued === null) return;
    await judgeCommit(worker.deps, queued.id, NEVER);
  }
  throw new Error('the delivery never comes to rest');
}

async function finish(over: Partial<Parameters<typeof finishPlan>[1]> = {}) {
  await finishPlan(deps, { planId, actorId, ...over });
  await carryOut();
  return last();
}

describe('a plan whose target moved', () => {
  it('is shown as it stands to it, and nothing changes', async () => {
    const tip = await moveMain({ 'names.txt': 'ada\ngrace\n', 'greeting.txt': 'hi\n' });
    const before = await plan();
    expect(await previewDelivery(deps, { planId })).toEqual({
      branch: 'main',
      tip,
      behind: 1,
      ahead: 2,
      touches: ['greeting.txt'],
      conflicts: ['greeting.txt'],
    });
    expect(await plan()).toEqual(before);
    expect(await rows()).toEqual([]);
    await expect(previewDelivery(deps, { planId, target: 'nowhere' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('has no branch nowhere'),
    });
  });

  it('is merged as one commit on top of it, verified again, with what it did in the message', async () => {
    const target = await moveMain({ 'names.txt': 'ada\ngrace\n' });
    const { tipCommit } = await plan();
    const done = await finish({ way: 'merge' });
    expect(done).toMatchObject({ status: 'delivered', outcome: 'merged', targetCommit: target, rounds: 0 });
    expect(done.verdict).toMatchObject({ outcome: 'pass' });
    expect(await at('main')).toBe(done.commit);
    expect(await at('main^1')).toBe(target);
    expect(await at('main^2')).toBe(tipCommit);
    expect(await show('main', 'names.txt')).toBe('ada\ngrace');
    expect(await show('main', 'src/a.ts')).toBe('modern();');
    expect(await plan()).toMatchObject({ status: 'completed', tipCommit });
    const message = await git(origin, 'log', '-1', '--format=%B', 'main');
    expect(message).toMatch(/^Merge plan \d+ "Modern" into main\n/);
    expect(message).toContain('Remove \\*legacy\\*: verified');
    expect(message).toContain('2 Greet: **not verified**');
    expect(message).toContain('@\u200blegacy \\<b\\>');
    expect(await events('delivery.')).toEqual(['delivery.started', 'delivery.verified', 'delivery.merged']);
  });

  it('is not merged twice: asked again, it says that the target has it', async () => {
    await moveMain({ 'names.txt': 'ada\ngrace\n' });
    const first = await finish({ way: 'merge' });
    const again = await finish({ way: 'merge' });
    expect(again).toMatchObject({ number: 2, status: 'delivered', outcome: 'contained' });
    expect(await at('main')).toBe(first.commit);
  });

  it('is one delivery where the same is asked twice at once, and refused where it is not the same', async () => {
    const ids = await Promise.all([1, 2].map(() => finishPlan(deps, { planId, actorId, way: 'merge' })));
    expect(ids[0]).toBe(ids[1]);
    await expect(finishPlan(deps, { planId, actorId, way: 'print' })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(archivePlan(deps, { planId, actorId })).rejects.toMatchObject({ code: 'conflict' });
    const seen = await previewRewind(deps, { planId, to: 'base', keepIndependent: false });
    const rewind = { planId, to: 'base', keepIndependent: false, preview: seen.hash, actorId };
    await expect(rewindPlan(deps, rewind)).rejects.toMatchObject({ code: 'conflict' });
    await carryOut();
    expect(await rows()).toHaveLength(1);
    expect(await last()).toMatchObject({ status: 'delivered', outcome: 'merged' });
  });

  it('is refused by name where it undoes what a task proved; a waiver lets it through', async () => {
    const target = await moveMain({ 'src/b.ts': 'legacy();\n', 'names.txt': 'grace\n' });
    const failed = await finish({ way: 'merge' });
    expect(failed).toMatchObject({ status: 'failed', outcome: null });
    expect(failed.message).toContain('contract:1.no-legacy');
    expect(failed.message).toContain('contract:1.names');
    expect(failed.verdict).toMatchObject({
      outcome: 'fail',
      violations: expect.arrayContaining([
        expect.objectContaining({ rule: 'contract:1.no-legacy', file: 'src/b.ts' }),
      ]),
    });
    expect(await at('main')).toBe(target);
    expect(await plan()).toMatchObject({ status: 'completed', pauseReason: null });
    for (const contract of ['1.no-legacy', '1.names'])
      await waiveContract(deps, { planId, actorId, contract, note: 'main needs it' });
    expect(await finish({ way: 'merge' })).toMatchObject({ outcome: 'merged' });
    expect(await git(origin, 'log', '-1', '--format=%B', 'main')).toContain(
      'contract 1.no-legacy was waived',
    );
  });
});

describe('a race with somebody who pushes', () => {
  it('begins again on what is there then, and never overwrites it', async () => {
    await moveMain({ 'names.txt': 'ada\ngrace\n' });
    await finishPlan(deps, { planId, actorId, way: 'merge' });
    let theirs = '';
    const deliveries: OriginDeps['git']['deliveries'] = {
      ...deps.git.deliveries,
      pushTarget: async (input) => {
        if (theirs === '') theirs = await moveMain({ 'more.txt': 'more\n' }, 'Between');
        return deps.git.deliveries.pushTarget(input);
      },
    };
    await carryOut({ ...deps, git: { ...deps.git, deliveries } });
    expect(await last()).toMatchObject({ status: 'delivered', outcome: 'merged', rounds: 1 });
    expect(await at('main^1')).toBe(theirs);
    expect(await show('main', 'more.txt')).toBe('more');
    expect(await show('main', 'src/a.ts')).toBe('modern();');
  });

  it('is given up after some rounds', async () => {
    await finishPlan(deps, { planId, actorId, way: 'merge' });
    let pushes = 0;
    const deliveries: OriginDeps['git']['deliveries'] = {
      ...deps.git.deliveries,
      pushTarget: async (input) => {
        pushes += 1;
        await moveMain({ 'more.txt': `${pushes}\n` }, `Between ${pushes}`);
        return deps.git.deliveries.pushTarget(input);
      },
    };
    await carryOut({ ...deps, git: { ...deps.git, deliveries } });
    expect(await last()).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('moved 5 times'),
    });
    expect(await git(origin, 'log', '--format=%s', '-1', 'main')).toBe('Between 5');
  });
});

describe('a process that dies after its push', () => {
  it('leaves a merge that another one finds, and does not repeat', async () => {
    await moveMain({ 'names.txt': 'ada\ngrace\n' });
    await finishPlan(deps, { planId, actorId, way: 'merge' });
    const dies = {
      ...deps,
      reach: (point: string) => {
        if (point === 'delivery.pushed') throw new Error('killed');
      },
    };
    await carryOut(dies);
    const pushed = await at('main');
    expect(await last()).toMatchObject({ status: 'delivering', commit: pushed });
    await moveMainOnTop();
    await engine.stores.db.planDelivery.updateMany({ data: { availableAt: new Date(0) } });
    await carryOut();
    expect(await last()).toMatchObject({ status: 'delivered', outcome: 'merged', commit: pushed });
    expect(await git(origin, 'rev-list', '--count', '--merges', 'main')).toBe('1');
  });

  async function moveMainOnTop(): Promise<void> {
    await git(clone, 'pull', '--quiet', '--ff-only', 'origin', 'main');
    await moveMain({ 'later.txt': 'later\n' });
  }
});

describe('a plan that does not merge', () => {
  const conflicting = () => moveMain({ 'greeting.txt': 'bonjour\n', 'other.txt': 'theirs\n' });

  it('gets a task, is paused, and is delivered once somebody has resolved it', async () => {
    await conflicting();
    const { tipCommit } = await plan();
    const stopped = await finish({ way: 'merge' });
    expect(stopped).toMatchObject({ status: 'conflict', files: ['greeting.txt'], taskNumber: 3 });
    expect(await plan()).toMatchObject({
      status: 'paused',
      pauseReason: 'delivery_conflict',
      tipCommit,
      finishedAt: null,
    });
    const task = await engine.stores.db.planTask.findFirstOrThrow({ where: { planId, number: 3 } });
    expect(task).toMatchObject({ status: 'pending', executor: { kind: 'external' } });
    expect(task.prompt).toContain('- greeting.txt');
    expect(task.prompt).toContain('>>>>>>> target branch');
    expect(await events('delivery.')).toEqual(['delivery.started', 'delivery.conflict']);

    await resumePlan(deps, { planId, actorId });
    await git(clone, 'fetch', '--quiet', 'origin', (await plan()).branch);
    await git(clone, 'checkout', '--quiet', '-b', 'resolve', 'FETCH_HEAD');
    await git(clone, 'merge', '--quiet', 'main').catch(() => undefined);
    await writeFiles(clone, { 'greeting.txt': 'good day, bonjour\n' });
    await commitAll(clone, 'Resolved');
    await git(clone, 'push', '--quiet', 'origin', 'resolve');
    await submitTask(deps, { planId, taskNumber: 3, actorId, handed: { ref: 'resolve' } });
    await worker.drain(planId);
    await publishPlan(deps, planId);
    expect(await plan()).toMatchObject({ status: 'completed' });

    const later = await moveMain({ 'names.txt': 'ada\ngrace\n' });
    expect(await previewDelivery(deps, { planId })).toMatchObject({ conflicts: [] });
    expect(await finish({ way: 'merge' })).toMatchObject({ outcome: 'merged', targetCommit: later });
    expect(await show('main', 'greeting.txt')).toBe('good day, bonjour');
    expect(await show('main', 'other.txt')).toBe('theirs');
    expect(await show('main', 'names.txt')).toBe('ada\ngrace');
  });

  it('can have it resolved by a command, which is given these files alone and loses nothing of the target', async () => {
    await conflicting();
    const executor = { command: 'echo both > greeting.txt', timeout: 60 };
    const stopped = await finish({ way: 'merge', executor });
    expect(stopped).toMatchObject({ status: 'conflict' });
    const task = await engine.stores.db.planTask.findFirstOrThrow({ where: { planId, number: 3 } });
    expect(task).toMatchObject({ mayChange: ['greeting.txt'], executor: { kind: 'command' } });
    await resumePlan(deps, { planId, actorId });
    await worker.drain(planId);
    expect(await finish({ way: 'merge' })).toMatchObject({ outcome: 'merged' });
    expect(await show('main', 'greeting.txt')).toBe('both');
    expect(await show('main', 'other.txt')).toBe('theirs');
  });

  it('asks again where the target has moved into another conflict', async () => {
    await conflicting();
    await finish({ way: 'merge', executor: { command: 'echo both > greeting.txt', timeout: 60 } });
    await resumePlan(deps, { planId, actorId });
    await worker.drain(planId);
    await moveMain({ 'src/a.ts': 'legacy(1);\n' });
    expect(await finish({ way: 'merge' })).toMatchObject({
      status: 'conflict',
      files: ['src/a.ts'],
      taskNumber: 4,
    });
  });
});

describe('a delivery by hand', () => {
  it('brings the published branch up to date, and says commands that work', async () => {
    const target = await moveMain({ 'names.txt': 'ada\ngrace\n' });
    const printed = await finish();
    expect(printed).toMatchObject({ way: 'print', outcome: 'printed' });
    const { branch, tipCommit } = await plan();
    expect(await at(branch)).toBe(printed.commit);
    expect(await at(`${branch}^1`)).toBe(tipCommit);
    expect(await at('main')).toBe(target);
    for (const command of printed.commands as string[]) await shell(command);
    expect(await show('main', 'src/a.ts')).toBe('modern();');
    expect(await show('main', 'names.txt')).toBe('ada\ngrace');
    expect(await at('main^1')).toBe(target);
  });

  it('puts its next merge in place of its last, and a rewind takes it back', async () => {
    await moveMain({ 'names.txt': 'ada\ngrace\n' });
    await finish();
    await moveMain({ 'names.txt': 'ada\ngrace\nmary\n' });
    const second = await finish();
    const { branch } = await plan();
    expect(second).toMatchObject({ outcome: 'printed' });
    expect(await at(branch)).toBe(second.commit);
    await publishPlan(deps, planId);
    expect(await at(branch)).toBe(second.commit);
    const seen = await previewRewind(deps, { planId, to: '1', keepIndependent: false });
    await rewindPlan(deps, { planId, to: '1', keepIndependent: false, preview: seen.hash, actorId });
    await publishPlan(deps, planId);
    expect(await plan()).toMatchObject({ publishError: null });
    expect(await at(branch)).toBe((await plan()).tipCommit);
  });

  async function shell(command: string): Promise<void> {
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
    await git(clone, ...words.slice(1));
  }
});

describe('what cannot be delivered', () => {
  it('is refused in every state but completed, with what to do', async () => {
    const { id } = await createPlan(deps, { repository: origin, plan: { value: PLAN }, actorId });
    await expect(finishPlan(deps, { planId: id, actorId })).rejects.toMatchObject({
      code: 'conflict',
      remedy: 'Start it first.',
    });
  });

  it('needs a forge for a pull request', async () => {
    await expect(finishPlan(deps, { planId, actorId, way: 'pull_request' })).rejects.toMatchObject({
      code: 'invalid',
      remedy: expect.stringContaining('PLANWRIGHT_FORGE_TOKEN'),
    });
  });

  it('fails with the command that mends it where the branch is checked out, and leaves the checkout alone', async () => {
    const checkout = await createOrigin(await kit.folder.next('checkout'), FILES);
    const before = await git(checkout, 'rev-parse', 'HEAD');
    planId = (await createPlan(deps, { repository: checkout, plan: { value: PLAN }, actorId })).id;
    await startPlan(deps, { planId, actorId });
    await worker.drain(planId);
    const failed = await finish({ way: 'merge' });
    expect(failed).toMatchObject({ status: 'failed', message: `Branch main is checked out in ${checkout}.` });
    expect(await git(checkout, 'rev-parse', 'HEAD')).toBe(before);
    expect(await git(checkout, 'status', '--porcelain')).toBe('');
    const command = failed.remedy?.replace('Bring it there with: git ', '') ?? '';
    await git(kit.folder.path, ...command.split(' '));
    expect(await git(checkout, 'rev-parse', 'HEAD')).toBe(failed.commit);
    expect(await finish({ way: 'merge' })).toMatchObject({ outcome: 'contained' });
  });

  it('ends after some tries where the origin is gone', async () => {
    await finishPlan(deps, { planId, actorId, way: 'merge' });
    const git_ = { ...deps.git.deliveries, fetchTarget: () => Promise.reject(new Error('no route')) };
    const gone = { ...deps, git: { ...deps.git, deliveries: git_ } };
    for (let tries = 0; tries < 7; tries += 1) {
      await carryOut(gone);
      await engine.stores.db.planDelivery.updateMany({ data: { availableAt: new Date(0) } });
    }
    expect(await last()).toMatchObject({ status: 'failed', message: 'It was tried 7 times: no route' });
  });
});

test('the hub keeps what was verified', async () => {
  await moveMain({ 'names.txt': 'ada\ngrace\n' });
  const { id, commit } = await finish({ way: 'merge' });
  const hub = join(kit.hubBase, `${(await plan()).repositoryId}.git`);
  expect(await git(hub, 'rev-parse', `refs/planwright/deliveries/${id}/${commit}`)).toBe(commit);
});
