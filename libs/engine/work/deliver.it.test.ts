import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutorFile } from '#contracts/plan/executor-file.js';
import { DELIVERED_FILES, DELIVERED_PLAN, DeliveryScene } from '#testing/delivery-scene.js';
import { createOrigin, git } from '#testing/git-repositories.js';
import { archivePlan } from '../commands/archive-plan.command.js';
import { createPlan } from '../commands/create-plan.command.js';
import { finishPlan } from '../commands/finish-plan.command.js';
import { publishPlan } from '../commands/publish-plan.command.js';
import { previewRewind, rewindPlan } from '../commands/rewind-plan.command.js';
import { waiveContract } from '../commands/waive-contract.command.js';
import { previewDelivery } from '../queries/preview-delivery.js';

/** Deliveries on a real database, real processes and real git. */

let scene: DeliveryScene;

beforeAll(async () => {
  scene = await DeliveryScene.open();
});
afterAll(() => scene.close());
beforeEach(() => scene.begin());

describe('a plan whose target moved', () => {
  it('is shown as it stands to it, and nothing changes', async () => {
    const tip = await scene.moveMain({ 'names.txt': 'ada\ngrace\n', 'greeting.txt': 'hi\n' });
    const before = await scene.plan();
    expect(await previewDelivery(scene.deps, scene.who)).toEqual({
      branch: 'main',
      tip,
      behind: 1,
      ahead: 2,
      touches: ['greeting.txt'],
      conflicts: ['greeting.txt'],
    });
    expect(await scene.plan()).toEqual(before);
    expect(await scene.deliveries()).toEqual([]);
    await expect(previewDelivery(scene.deps, { ...scene.who, target: 'nowhere' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('has no branch nowhere'),
    });
  });

  it('is merged as one commit on top of it, verified again, with what it did in the message', async () => {
    const target = await scene.moveMain({ 'names.txt': 'ada\ngrace\n' });
    const { tipCommit } = await scene.plan();
    await scene.spend('a-model', 1.25);
    const done = await scene.finish({ way: 'merge' });
    expect(done).toMatchObject({ status: 'delivered', outcome: 'merged', targetCommit: target, rounds: 0 });
    expect(done.verdict).toMatchObject({ outcome: 'pass' });
    expect(await scene.at('main')).toBe(done.commit);
    expect(await scene.at('main^1')).toBe(target);
    expect(await scene.at('main^2')).toBe(tipCommit);
    expect(await scene.show('main', 'names.txt')).toBe('ada\ngrace');
    expect(await scene.show('main', 'src/a.ts')).toBe('modern();');
    expect(await scene.plan()).toMatchObject({ status: 'completed', tipCommit });
    const message = await git(scene.origin, 'log', '-1', '--format=%B', 'main');
    expect(message).toMatch(/^Merge plan \d+ "Modern" into main\n/);
    expect(message).toContain('Remove \\*legacy\\*: verified');
    expect(message).toContain('2 Greet: **not verified**');
    expect(message).toContain('@\u200blegacy \\<b\\>');
    expect(message).toContain('- a-model: $1.25, 1 call, 80 tokens in, 20 out');
    expect(await scene.events()).toEqual(['delivery.started', 'delivery.verified', 'delivery.merged']);
  });

  it('is not merged twice: asked again, it says that the target has it', async () => {
    await scene.moveMain({ 'names.txt': 'ada\ngrace\n' });
    const first = await scene.finish({ way: 'merge' });
    const again = await scene.finish({ way: 'merge' });
    expect(again).toMatchObject({ number: 2, status: 'delivered', outcome: 'contained' });
    expect(await scene.at('main')).toBe(first.commit);
  });

  it('is one delivery where the same is asked twice at once, and refused where it is not the same', async () => {
    const ids = await Promise.all([1, 2].map(() => scene.ask({ way: 'merge' })));
    expect(ids[0]).toBe(ids[1]);
    await expect(scene.ask({ way: 'print' })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(archivePlan(scene.deps, scene.who)).rejects.toMatchObject({ code: 'conflict' });
    const seen = await previewRewind(scene.deps, { ...scene.who, to: 'base', keepIndependent: false });
    const rewind = { ...scene.who, to: 'base', keepIndependent: false, preview: seen.hash };
    await expect(rewindPlan(scene.deps, rewind)).rejects.toMatchObject({ code: 'conflict' });
    await scene.carryOut();
    expect(await scene.deliveries()).toHaveLength(1);
    expect(await scene.last()).toMatchObject({ status: 'delivered', outcome: 'merged' });
  });

  it('is refused by name where it undoes what a task proved; a waiver lets it through', async () => {
    const target = await scene.moveMain({ 'src/b.ts': 'legacy();\n', 'names.txt': 'grace\n' });
    const failed = await scene.finish({ way: 'merge' });
    expect(failed).toMatchObject({ status: 'failed', outcome: null });
    expect(failed.message).toContain('contract:1.no-legacy');
    expect(failed.message).toContain('contract:1.names');
    expect(failed.verdict).toMatchObject({
      outcome: 'fail',
      violations: expect.arrayContaining([
        expect.objectContaining({ rule: 'contract:1.no-legacy', file: 'src/b.ts' }),
      ]),
    });
    expect(await scene.at('main')).toBe(target);
    expect(await scene.plan()).toMatchObject({ status: 'completed', pauseReason: null });
    for (const contract of ['1.no-legacy', '1.names'])
      await waiveContract(scene.deps, { ...scene.who, contract, note: 'main needs it' });
    expect(await scene.finish({ way: 'merge' })).toMatchObject({ outcome: 'merged' });
    expect(await git(scene.origin, 'log', '-1', '--format=%B', 'main')).toContain(
      'contract 1.no-legacy was waived',
    );
  });
});

describe('a race with somebody who pushes', () => {
  it('begins again on what is there then, and never overwrites it', async () => {
    await scene.moveMain({ 'names.txt': 'ada\ngrace\n' });
    await scene.ask({ way: 'merge' });
    let theirs = '';
    const raced = scene.withGit({
      pushTarget: async (input) => {
        if (theirs === '') theirs = await scene.moveMain({ 'more.txt': 'more\n' }, 'Between');
        return scene.deps.git.deliveries.pushTarget(input);
      },
    });
    await scene.carryOut(raced);
    expect(await scene.last()).toMatchObject({ status: 'delivered', outcome: 'merged', rounds: 1 });
    expect(await scene.at('main^1')).toBe(theirs);
    expect(await scene.show('main', 'more.txt')).toBe('more');
    expect(await scene.show('main', 'src/a.ts')).toBe('modern();');
  });

  it('is given up after some rounds', async () => {
    await scene.ask({ way: 'merge' });
    let pushes = 0;
    const raced = scene.withGit({
      pushTarget: async (input) => {
        pushes += 1;
        await scene.moveMain({ 'more.txt': `${pushes}\n` }, `Between ${pushes}`);
        return scene.deps.git.deliveries.pushTarget(input);
      },
    });
    await scene.carryOut(raced);
    expect(await scene.last()).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('moved 5 times'),
    });
    expect(await git(scene.origin, 'log', '--format=%s', '-1', 'main')).toBe('Between 5');
  });
});

describe('a process that dies after its push', () => {
  it('leaves a merge that another one finds, and does not repeat', async () => {
    await scene.moveMain({ 'names.txt': 'ada\ngrace\n' });
    await scene.ask({ way: 'merge' });
    const dies = {
      ...scene.deps,
      reach: (point: string) => {
        if (point === 'delivery.pushed') throw new Error('killed');
      },
    };
    await scene.carryOut(dies);
    const pushed = await scene.at('main');
    expect(await scene.last()).toMatchObject({ status: 'delivering', commit: pushed });
    await moveMainOnTop();
    await scene.hurry();
    await scene.carryOut();
    expect(await scene.last()).toMatchObject({ status: 'delivered', outcome: 'merged', commit: pushed });
    expect(await git(scene.origin, 'rev-list', '--count', '--merges', 'main')).toBe('1');
  });

  async function moveMainOnTop(): Promise<void> {
    await git(scene.clone, 'pull', '--quiet', '--ff-only', 'origin', 'main');
    await scene.moveMain({ 'later.txt': 'later\n' });
  }
});

describe('a delivery by hand', () => {
  it('brings the published branch up to date, and says commands that work', async () => {
    const target = await scene.moveMain({ 'names.txt': 'ada\ngrace\n' });
    const printed = await scene.finish();
    expect(printed).toMatchObject({ way: 'print', outcome: 'printed' });
    const { branch, tipCommit } = await scene.plan();
    expect(await scene.at(branch)).toBe(printed.commit);
    expect(await scene.at(`${branch}^1`)).toBe(tipCommit);
    expect(await scene.at('main')).toBe(target);
    for (const command of printed.commands as string[]) await shell(command);
    expect(await scene.show('main', 'src/a.ts')).toBe('modern();');
    expect(await scene.show('main', 'names.txt')).toBe('ada\ngrace');
    expect(await scene.at('main^1')).toBe(target);
  });

  it('puts its next merge in place of its last, and a rewind takes it back', async () => {
    await scene.moveMain({ 'names.txt': 'ada\ngrace\n' });
    await scene.finish();
    await scene.moveMain({ 'names.txt': 'ada\ngrace\nmary\n' });
    const second = await scene.finish();
    const { branch } = await scene.plan();
    expect(second).toMatchObject({ outcome: 'printed' });
    expect(await scene.at(branch)).toBe(second.commit);
    await publishPlan(scene.deps, scene.planId);
    expect(await scene.at(branch)).toBe(second.commit);
    const seen = await previewRewind(scene.deps, { ...scene.who, to: '1', keepIndependent: false });
    await rewindPlan(scene.deps, { ...scene.who, to: '1', keepIndependent: false, preview: seen.hash });
    await publishPlan(scene.deps, scene.planId);
    expect(await scene.plan()).toMatchObject({ publishError: null });
    expect(await scene.at(branch)).toBe((await scene.plan()).tipCommit);
  });

  async function shell(command: string): Promise<void> {
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
    await git(scene.clone, ...words.slice(1));
  }
});

describe('what cannot be delivered', () => {
  it('is refused in every state but completed, with what to do', async () => {
    const { id } = await createPlan(scene.deps, {
      repository: scene.origin,
      plan: { value: DELIVERED_PLAN },
      actorId: scene.actorId,
    });
    await expect(finishPlan(scene.deps, { planId: id, actorId: scene.actorId })).rejects.toMatchObject({
      code: 'conflict',
      remedy: 'Start it first.',
    });
  });

  it('needs a forge for a pull request', async () => {
    await expect(scene.ask({ way: 'pull_request' })).rejects.toMatchObject({
      code: 'invalid',
      remedy: expect.stringContaining('PLANWRIGHT_FORGE_TOKEN'),
    });
  });

  it.each<[string, ExecutorFile]>([
    ['milestone', { milestone: {} }],
    ['wait', { wait: { for: 60 } }],
    ['patch', { patch: '@@ -1 +1 @@\n-a\n+b\n' }],
    ['profile', { profile: {} }],
  ])('is no matter of a %s, which resolves no conflict', async (kind, executor) => {
    await expect(scene.ask({ way: 'merge', executor })).rejects.toMatchObject({
      code: 'invalid',
      message: `A ${kind} cannot resolve conflicts.`,
      remedy: expect.stringMatching(/command, claude, agent.*a person/) as unknown,
      problems: [{ path: 'executor' }],
    });
    expect(await scene.deliveries()).toEqual([]);
  });

  it('fails with the command that mends it where the branch is checked out, and leaves the checkout alone', async () => {
    const checkout = await createOrigin(await scene.kit.folder.next('checkout'), DELIVERED_FILES);
    const before = await git(checkout, 'rev-parse', 'HEAD');
    await scene.complete(checkout);
    const failed = await scene.finish({ way: 'merge' });
    expect(failed).toMatchObject({ status: 'failed', message: `Branch main is checked out in ${checkout}.` });
    expect(await git(checkout, 'rev-parse', 'HEAD')).toBe(before);
    expect(await git(checkout, 'status', '--porcelain')).toBe('');
    const command = failed.remedy?.replace('Bring it there with: git ', '') ?? '';
    await git(scene.kit.folder.path, ...command.split(' '));
    expect(await git(checkout, 'rev-parse', 'HEAD')).toBe(failed.commit);
    expect(await scene.finish({ way: 'merge' })).toMatchObject({ outcome: 'contained' });
  });

  it('fails where the origin is gone, and can be tried again', async () => {
    await rename(scene.origin, `${scene.origin}.away`);
    expect(await scene.finish({ way: 'merge' })).toMatchObject({
      status: 'failed',
      message: `There is nothing at ${scene.origin}.`,
    });
    await rename(`${scene.origin}.away`, scene.origin);
    expect(await scene.finish({ way: 'merge' })).toMatchObject({ number: 2, outcome: 'merged' });
  });
});

test('the hub keeps what was verified', async () => {
  await scene.moveMain({ 'names.txt': 'ada\ngrace\n' });
  const { id, commit } = await scene.finish({ way: 'merge' });
  const hub = join(scene.kit.hubBase, `${(await scene.plan()).repositoryId}.git`);
  expect(await git(hub, 'rev-parse', `refs/planwright/deliveries/${id}/${commit}`)).toBe(commit);
});
