import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Facts } from '#facts/facts-adapter.js';
import { compare, quantileOf, recordOf, timed, type BenchRecord } from './record.js';
import { rawGit } from './repository.js';
import { makeScratchFolder } from './scratch-folder.js';
import { TEN_RULES, THREE_RULES } from './verify/spec.js';
import { Stand, THREADS } from './verify/stand.js';
import { commitFive, generateTypeScript } from './verify/typescript-repository.js';

const SMALL = 1_000;
const LARGE = 10_000;
const ROUNDS = 9;
const MIB = 1024;
const PARSING = `ast-grep parses all files once, ${THREADS} threads`;
const HEAD = { suite: 'verify', backend: 'ast-grep' } as const;

type Print = (record: BenchRecord) => void;

/** What a verdict costs: the first one, one after a small commit, and filling the cache. */
export async function verifySuite(print: Print, only: readonly string[]): Promise<void> {
  const wants = (name: string): boolean => only.length === 0 || only.includes(name);
  const folder = await makeScratchFolder();
  try {
    if (wants('demo')) await demo(print, folder);
    if (wants('own')) await own(print, folder);
    if (wants('large')) await large(print, folder);
    if (wants('commits')) await commits(print, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A typical spec on the demo's repository, when its files are known. */
async function demo(print: Print, folder: string): Promise<void> {
  const origin = join(folder, 'demo-origin');
  await cp(join(import.meta.dirname, '../../examples/auth-migration/repo'), origin, { recursive: true });
  await rawGit(origin, 'init', '--quiet', '--initial-branch=main');
  await commitAll(origin);
  const { stand, commit } = await Stand.open(join(folder, 'demo'), origin);
  const facts = stand.facts('facts');
  try {
    await stand.verify(facts, THREE_RULES, commit, commit);
    const times = await repeated(() => stand.verify(facts, THREE_RULES, commit, commit));
    const head = { ...HEAD, case: 'three rules on the demo repository, warm', baseline: 'allowed' };
    print(recordOf({ ...head, n: ROUNDS, unit: 'ms' }, quantileOf(times, 0.5), 50));
  } finally {
    await facts.close();
    await stand.close();
  }
}

/** The project's own tree. */
async function own(print: Print, folder: string): Promise<void> {
  const origin = join(folder, 'own-origin');
  const root = join(import.meta.dirname, '../..');
  for (const part of ['apps', 'libs', 'bench']) {
    const filter = (path: string): boolean => !path.includes('/generated');
    await cp(join(root, part), join(origin, part), { recursive: true, filter });
  }
  await rawGit(origin, 'init', '--quiet', '--initial-branch=main');
  await commitAll(origin);
  await cold(print, join(folder, 'own'), origin, 'own tree');
}

async function large(print: Print, folder: string): Promise<void> {
  const origin = join(folder, 'large-origin');
  await generateTypeScript(origin, LARGE);
  await cold(print, join(folder, 'large'), origin, `${LARGE} files`);
}

/** Whole verdicts on commits of five files each, in turns in a small repository and in a large one. */
async function commits(print: Print, folder: string): Promise<void> {
  const [small, large] = [await Committed.open(folder, SMALL), await Committed.open(folder, LARGE)];
  try {
    for (let round = 0; round <= ROUNDS; round += 1) {
      await small.round(round);
      await large.round(round);
    }
  } finally {
    await small.close();
    await large.close();
  }
  const name = `ten rules after a commit of 5 files, ${LARGE} files`;
  print(
    compare({ ...HEAD, case: name, baseline: `the same on ${SMALL} files` }, 0.5, large.times, small.times),
  );
  const allowed = { ...HEAD, n: ROUNDS, unit: 'ms', case: name, baseline: 'allowed' } as const;
  print(recordOf(allowed, quantileOf(large.times, 0.5), 150));
}

/** A repository that goes on commit by commit, each judged against the one before. */
class Committed {
  readonly times: number[] = [];

  private constructor(
    private readonly stand: Stand,
    private readonly facts: Facts,
    private readonly origin: string,
    private readonly files: number,
    private base: string,
  ) {}

  static async open(folder: string, files: number): Promise<Committed> {
    const origin = join(folder, `origin-${files}`);
    await generateTypeScript(origin, files);
    const { stand, commit } = await Stand.open(join(folder, `commits-${files}`), origin);
    const facts = stand.facts('facts');
    await stand.verify(facts, TEN_RULES, commit, commit);
    return new Committed(stand, facts, origin, files, commit);
  }

  /** The first one, 0, is not counted. */
  async round(number: number): Promise<void> {
    const candidate = await this.stand.fetch(await commitFive(this.origin, this.files, number + 1));
    const time = await timed(() => this.stand.verify(this.facts, TEN_RULES, this.base, candidate));
    if (number > 0) this.times.push(time);
    this.base = candidate;
  }

  async close(): Promise<void> {
    await this.facts.close();
    await this.stand.close();
  }
}

/** First verdict and filling the cache, beside parsing everything once. */
async function cold(print: Print, folder: string, origin: string, what: string): Promise<void> {
  const { stand, commit } = await Stand.open(folder, origin);
  try {
    const first = stand.facts('first');
    const verdict = await timed(() => stand.verify(first, TEN_RULES, commit, commit));
    await first.close();
    const filled = stand.facts('filled');
    const fill = await timed(() => stand.fill(filled, commit));
    await filled.close();
    const memory = process.resourceUsage().maxRSS / MIB;
    const paths = (await rawGit(origin, 'ls-files', '*.ts')).split('\n').map((path) => join(origin, path));
    await parseAll(paths);
    const parsing = await timed(() => parseAll(paths));
    const head = { ...HEAD, n: 1, unit: 'ms', baseline: PARSING } as const;
    print(recordOf({ ...head, case: `first verdict of ten rules, ${what}` }, verdict, parsing));
    print(recordOf({ ...head, case: `filling the cache, ${what}` }, fill, parsing));
    const held = { ...HEAD, case: `memory, ${what}`, n: 1, unit: 'MiB', baseline: 'allowed' } as const;
    print(recordOf(held, memory, 600));
  } finally {
    await stand.close();
  }
}

async function repeated(work: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await timed(work));
  return times;
}

async function commitAll(path: string): Promise<void> {
  await rawGit(path, 'add', '--all');
  await rawGit(path, 'commit', '--quiet', '-m', 'Generated');
}

async function parseAll(paths: readonly string[]): Promise<void> {
  const script = join(import.meta.dirname, 'verify/parse-worker.js');
  const parts = Array.from({ length: THREADS }, (_, thread) =>
    paths.filter((_path, index) => index % THREADS === thread),
  );
  await Promise.all(
    parts.map((workerData) => {
      const worker = new Worker(script, { workerData });
      return new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
    }),
  );
}
