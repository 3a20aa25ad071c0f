import { DeliveryScene } from '#testing/delivery-scene.js';
import { commitAll, git, writeFiles } from '#testing/git-repositories.js';
import { resumePlan } from '../commands/resume-plan.command.js';
import { submitTask } from '../commands/submit-task.command.js';
import { previewDelivery } from '../queries/preview-delivery.js';

/** Plans that do not merge with their target, on a real database, real processes and real git. */

let scene: DeliveryScene;

beforeAll(async () => {
  scene = await DeliveryScene.open();
});
afterAll(() => scene.close());
beforeEach(() => scene.begin());

describe('a plan that does not merge', () => {
  const conflicting = () => scene.moveMain({ 'greeting.txt': 'bonjour\n', 'other.txt': 'theirs\n' });

  it('gets a task, is paused, and is delivered once somebody has resolved it', async () => {
    await conflicting();
    const { tipCommit } = await scene.plan();
    const stopped = await scene.finish({ way: 'merge' });
    expect(stopped).toMatchObject({ status: 'conflict', files: ['greeting.txt'], taskNumber: 3 });
    expect(await scene.plan()).toMatchObject({
      status: 'paused',
      pauseReason: 'delivery_conflict',
      tipCommit,
      finishedAt: null,
    });
    const task = await scene.task(3);
    expect(task).toMatchObject({ status: 'pending', executor: { kind: 'external' } });
    expect(task.prompt).toContain('- greeting.txt');
    expect(task.prompt).toContain('>>>>>>> target branch');
    expect(await scene.events()).toEqual(['delivery.started', 'delivery.conflict']);

    await resumePlan(scene.deps, scene.who);
    await git(scene.clone, 'fetch', '--quiet', 'origin', (await scene.plan()).branch);
    await git(scene.clone, 'checkout', '--quiet', '-b', 'resolve', 'FETCH_HEAD');
    await git(scene.clone, 'merge', '--quiet', 'main').catch(() => undefined);
    await writeFiles(scene.clone, { 'greeting.txt': 'good day, bonjour\n' });
    await commitAll(scene.clone, 'Resolved');
    await git(scene.clone, 'push', '--quiet', 'origin', 'resolve');
    await submitTask(scene.deps, { ...scene.who, taskNumber: 3, handed: { ref: 'resolve' } });
    await scene.settle();
    expect(await scene.plan()).toMatchObject({ status: 'completed' });

    const later = await scene.moveMain({ 'names.txt': 'ada\ngrace\n' });
    expect(await previewDelivery(scene.deps, scene.who)).toMatchObject({ conflicts: [] });
    expect(await scene.finish({ way: 'merge' })).toMatchObject({ outcome: 'merged', targetCommit: later });
    expect(await scene.show('main', 'greeting.txt')).toBe('good day, bonjour');
    expect(await scene.show('main', 'other.txt')).toBe('theirs');
    expect(await scene.show('main', 'names.txt')).toBe('ada\ngrace');
  });

  it('can have it resolved by a command, which is given these files alone and loses nothing of the target', async () => {
    await conflicting();
    const executor = { command: 'echo both > greeting.txt', timeout: 60 };
    const stopped = await scene.finish({ way: 'merge', executor });
    expect(stopped).toMatchObject({ status: 'conflict' });
    const task = await scene.task(3);
    expect(task).toMatchObject({ mayChange: ['greeting.txt'], executor: { kind: 'command' } });
    await resumePlan(scene.deps, scene.who);
    await scene.settle();
    expect(await scene.finish({ way: 'merge' })).toMatchObject({ outcome: 'merged' });
    expect(await scene.show('main', 'greeting.txt')).toBe('both');
    expect(await scene.show('main', 'other.txt')).toBe('theirs');
  });

  it('asks again where the target has moved into another conflict', async () => {
    await conflicting();
    await scene.finish({ way: 'merge', executor: { command: 'echo both > greeting.txt', timeout: 60 } });
    await resumePlan(scene.deps, scene.who);
    await scene.settle();
    await scene.moveMain({ 'src/a.ts': 'legacy(1);\n' });
    expect(await scene.finish({ way: 'merge' })).toMatchObject({
      status: 'conflict',
      files: ['src/a.ts'],
      taskNumber: 4,
    });
  });
});
