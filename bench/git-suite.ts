import { randomUUID } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommitMessage, GitPort } from '#engine/ports/git.port.js';
import { createGit } from '#git/git-adapter.js';
import { compare, quantileOf, timed, type BenchRecord } from './record.js';
import { editThree, generateRepository, rawGit } from './repository.js';

const SIZES: readonly { readonly files: number; readonly rounds: number }[] = [
  { files: 1_000, rounds: 15 },
  { files: 5_000, rounds: 11 },
  { files: 20_000, rounds: 5 },
];
const REPOSITORY = 'bench';
const BRANCH = 'planwright/1-bench';

/** The engine's own git time of one task, against a worktree per task by raw git. */
export async function gitSuite(print: (record: BenchRecord) => void, only: readonly string[]): Promise<void> {
  for (const { files, rounds } of SIZES) {
    if (only.length > 0 && !only.includes(String(files))) continue;
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'planwright-bench-')));
    try {
      print(await measure(folder, files, rounds));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function measure(folder: string, files: number, rounds: number): Promise<BenchRecord> {
  const origin = join(folder, 'origin');
  await generateRepository(origin, files);
  const naive = join(folder, 'naive');
  await generateRepository(naive, files);
  const git = createGit({
    home: join(folder, 'worker'),
    hubBase: join(folder, 'hubs'),
    path: process.env['PATH'] ?? '',
  });
  try {
    const { commit } = await git.importBase({ repositoryId: REPOSITORY, origin, base: null });
    const tasks = new Tasks(git, files, commit);
    await tasks.run();
    await naiveTask(naive, files, 0);
    const own: number[] = [];
    const baseline: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      own.push(await tasks.run());
      baseline.push(await timed(() => naiveTask(naive, files, round)));
    }
    tasks.explain();
    const head = { suite: 'git', case: `task on ${files} files`, backend: 'git' };
    return compare({ ...head, baseline: 'git worktree per task' }, 0.5, own, baseline);
  } finally {
    await git.close();
  }
}

/** What tools do that know nothing of pools: a worktree, a snapshot, a diff, a commit, and away with it. */
async function naiveTask(repository: string, files: number, round: number): Promise<void> {
  const tree = `${repository}-tree`;
  await rawGit(repository, 'worktree', 'add', '--quiet', '--detach', tree, 'HEAD');
  await editThree(tree, files, round + 1);
  await rawGit(tree, 'add', '--all');
  await rawGit(tree, 'commit', '--quiet', '-m', 'Snapshot');
  await rawGit(tree, 'diff', 'HEAD~1', 'HEAD');
  await rawGit(tree, 'commit', '--quiet', '--allow-empty', '-m', `Task ${round}`);
  await rawGit(repository, 'worktree', 'remove', '--force', tree);
}

/** Tasks of one plan, each of which finds that another one landed since its base. */
class Tasks {
  private readonly steps = new Map<string, number[]>();
  private readonly planId = randomUUID();
  private round = 0;
  /** Milliseconds of steps that nobody has asked for. */
  private open = 0;

  constructor(
    private readonly git: GitPort,
    private readonly files: number,
    private tip: string,
  ) {}

  /** One task; the milliseconds that git took of it, without the work that moves the tip meanwhile. */
  async run(): Promise<number> {
    this.round += 1;
    const base = this.tip;
    const repositoryId = REPOSITORY;
    const { git, planId, round } = this;
    const workspace = await this.step('open', () =>
      git.openWorkspace({ repositoryId, commit: base, pool: 'executor' }),
    );
    await this.step('edit', () => editThree(workspace.path, this.files, round * 2));
    const message = messageOf(`Task ${round}`);
    const { commit } = await this.step('commit', () => workspace.commit(message));
    await this.step('release', () => workspace.release());
    await this.step('diff', () => git.diff({ repositoryId, from: base, to: commit }));
    const ref = `refs/planwright/candidates/${round}`;
    await this.step('push', () => git.pushNew({ repositoryId, commit, ref }));
    const spent = this.spent();
    const onto = await this.landAnother(base);
    const rebased = await this.step('rebase', () =>
      git.rebase({ repositoryId, candidate: commit, onto, message }),
    );
    if (rebased.kind !== 'clean') throw new Error('The tasks of the benchmark conflict.');
    const lane = await this.step('lane', () => git.readLane({ repositoryId, planId, branch: BRANCH }));
    await this.step('land', () => this.land(rebased.commit, lane));
    this.tip = rebased.commit;
    return spent + this.spent();
  }

  /** Medians of the steps, for whoever looks for what is slow. */
  explain(): void {
    const medians = [...this.steps].map(([name, times]) => `${name} ${quantileOf(times, 0.5).toFixed(1)}`);
    process.stderr.write(`${this.files} files, medians in ms: ${medians.join(', ')}\n`);
  }

  private spent(): number {
    const spent = this.open;
    this.open = 0;
    return spent;
  }

  private async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    const time = performance.now() - start;
    this.open += time;
    this.steps.set(name, [...(this.steps.get(name) ?? []), time]);
    return result;
  }

  /** A task that started from the same base and is first. */
  private async landAnother(base: string): Promise<string> {
    const { git, planId, round } = this;
    const repositoryId = REPOSITORY;
    const workspace = await git.openWorkspace({ repositoryId, commit: base, pool: 'verifier' });
    await editThree(workspace.path, this.files, round * 2 + 1);
    const { commit } = await workspace.commit(messageOf(`Other ${round}`));
    await workspace.release();
    await this.land(commit, await git.readLane({ repositoryId, planId, branch: BRANCH }));
    return commit;
  }

  private async land(
    newTip: string,
    lane: { readonly tip: string | null; readonly fence: string | null },
  ): Promise<void> {
    const { git, planId } = this;
    const pushed = await git.pushPlanBranch({
      repositoryId: REPOSITORY,
      planId,
      branch: BRANCH,
      expectedTip: lane.tip,
      newTip,
      expectedFence: lane.fence,
      fenceValue: `${newTip}-1`,
    });
    if (pushed.kind !== 'pushed') throw new Error(pushed.reason);
  }
}

function messageOf(subject: string): CommitMessage {
  const author = { name: 'Bench', email: 'bench@planwright.invalid' };
  return { subject, body: '', author, timestamp: 1_700_000_000 };
}
