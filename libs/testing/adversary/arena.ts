import { spawn } from 'node:child_process';
import path from 'node:path';
import type { PlanView, TaskView } from '#contracts/api/plans.js';
import { git, TemporaryFolder } from '../git-repositories.js';
import { RunningDemo, until } from '../running-demo.js';
import { SCENE_PROFILES, SHOP, type Scene } from './scene.js';

/** How the task of a scene ended. */
export interface Ending {
  readonly task: TaskView;
  readonly plan: PlanView;
}

/** The real program with one repository, in which every scene has a branch and a plan; all run side by side. */
export class Arena {
  private constructor(
    private readonly folder: TemporaryFolder,
    private readonly stack: RunningDemo,
    private readonly plans: ReadonlyMap<string, number>,
  ) {}

  static async open(scenes: readonly Scene[]): Promise<Arena> {
    const folder = await TemporaryFolder.create();
    const origin = path.join(folder.path, 'origin.git');
    const stack = await RunningDemo.create({
      PLANWRIGHT_SANDBOX_READABLE: `${path.resolve('node_modules')}`,
      PLANWRIGHT_EXECUTOR_CONCURRENCY: '4',
      PLANWRIGHT_VERIFIER_CONCURRENCY: '4',
    });
    await createBranches(origin, scenes);
    stack.start('up');
    await stack.state();
    for (const profile of SCENE_PROFILES) await stack.insist('/api/agents', profile);
    const plans = new Map<string, number>();
    for (const [index, scene] of scenes.entries()) {
      const plan = planOf(scene, branchOf(index));
      const { number } = (await stack.insist('/api/plans', { repository: origin, plan })) as PlanView;
      plans.set(scene.name, number);
      await stack.insist(`/api/plans/${number}/execute`);
    }
    return new Arena(folder, stack, plans);
  }

  /** Waits until nothing of the scene's plan goes on. */
  async ending(scene: Scene): Promise<Ending> {
    const number = this.plans.get(scene.name);
    const plan = await until(`the end of '${scene.name}'`, async () => {
      const seen = await this.stack.plan(number);
      return ['completed', 'paused', 'failed'].includes(seen.status) ? seen : null;
    });
    const task = plan.phases.flatMap(({ tasks }) => tasks).at(-1);
    if (task === undefined) throw new Error(`the plan of '${scene.name}' has no task`);
    return { plan, task };
  }

  /** Asks git in the hub, where the branches of the plans are. */
  readonly read =
    (plan: PlanView) =>
    (...args: readonly string[]): Promise<string> =>
      git(path.join(this.stack.home, 'hubs', `${plan.repository.id}.git`), ...args);

  async close(): Promise<void> {
    await this.stack.remove();
    await this.folder.remove();
  }
}

const branchOf = (index: number): string => `scene-${index}`;

function planOf({ name, before = [], task }: Scene, base: string): object {
  const tasks = [...before, task].map(({ agent: command, ...rest }, index) => ({
    title: `${name} (${index + 1})`,
    executor: { command, timeout: '60s' },
    ...rest,
  }));
  return { name, base, maxAttempts: 1, phases: [{ name: 'All', mode: 'sequential', tasks }] };
}

/** A bare repository with a branch of one commit for each scene, written in one go. */
async function createBranches(origin: string, scenes: readonly Scene[]): Promise<void> {
  await git('/', 'init', '--quiet', '--bare', '--initial-branch=main', origin);
  const pieces: (string | Buffer)[] = [];
  const trees = [SHOP, ...scenes.map(({ files = {} }) => ({ ...SHOP, ...files }))];
  for (const [index, files] of trees.entries()) {
    const branch = index === 0 ? 'main' : branchOf(index - 1);
    pieces.push(
      `commit refs/heads/${branch}\ncommitter Ada <ada@example.com> 1700000000 +0000\n${data('Shop')}`,
    );
    for (const [file, content] of Object.entries(files)) {
      if (content !== null) pieces.push(`M 100644 inline ${file}\n`, data(content));
    }
    pieces.push('\n');
  }
  const child = spawn('git', ['fast-import', '--quiet'], {
    cwd: origin,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stdin.end(
    Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece))),
  );
  if ((await ended) !== 0) throw new Error('git fast-import could not write the scenes');
}

function data(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')]);
}
