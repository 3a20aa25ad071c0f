import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ARCHIVE_FILES, type ArchiveFile } from '#contracts/archive/envelope.js';
import { PIECE_BYTES, PieceDigest, type Digest } from '#engine/archive/pieces.js';
import type { ArchiveGit, LineCommit, PlanBundle, StoredArchive } from '#engine/ports/archive.port.js';
import { coreConfig, writeRepository } from './bare-repository.js';
import { gitVersion } from './git-version.js';
import type { Lanes } from './lane.js';
import type { Mirror, Mirrors } from './mirror.js';
import { branchRef, fileId, objectId } from './names.js';
import type { GitRunner } from './runner.js';

export interface ArchiveTools {
  readonly runner: GitRunner;
  readonly mirrors: Mirrors;
  readonly lanes: Lanes;
  readonly home: string;
  readonly path: string;
}

const AUTHOR = { name: 'Planwright', email: 'planwright@localhost' };

/** Archives of plans, as the hub keeps them. */
export function createArchiveGit(tools: ArchiveTools): ArchiveGit {
  const { runner, mirrors } = tools;
  return {
    version: async () => (await gitVersion(tools.path)) ?? 'unknown',
    bundlePlan: (input) => bundlePlan(tools, input),
    async line({ repositoryId, tip, base, limit }) {
      const mirror = await mirrors.with(repositoryId, tip);
      const line: LineCommit[] = [];
      for (let at: string | undefined = tip; at !== undefined && at !== base && line.length < limit;) {
        const { tree, parents } = await mirror.commit(at);
        line.push({ commit: at, tree, parent: parents[0] ?? null });
        [at] = parents;
      }
      return line;
    },
    async missing({ repositoryId, commits }) {
      const mirror = await mirrors.of(repositoryId);
      const there = await Promise.all(commits.map((commit) => isThere(mirror, commit)));
      return commits.filter((_, index) => there[index] !== true);
    },
    async readArchive({ repositoryId, planId }) {
      const mirror = await mirrors.of(repositoryId);
      const [commit] = await tools.lanes.readRefs(mirror, [archiveRef(planId)]);
      if (commit === undefined) return null;
      await mirror.commit(commit);
      return { commit, files: await filesOf(runner, mirror, commit) };
    },
    storeArchive: (input) => storeArchive(tools, input),
    async *readBlob({ repositoryId, blob }) {
      const { path: gitDir } = await mirrors.of(repositoryId);
      const child = await runner.spawn({ args: ['cat-file', 'blob', objectId(blob)], gitDir });
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      child.stdin.end();
      child.stderr.resume();
      try {
        for await (const piece of child.stdout) yield piece as Buffer;
        if ((await ended) !== 0) throw new Error(`blob ${blob} of an archive cannot be read`);
      } finally {
        child.kill('SIGKILL');
      }
    },
  };
}

/** Where the hub keeps the archive of a plan. */
function archiveRef(planId: string): string {
  return `refs/planwright/archive/${fileId(planId)}`;
}

type BundleInput = Parameters<ArchiveGit['bundlePlan']>[0];

async function bundlePlan(tools: ArchiveTools, input: BundleInput): Promise<PlanBundle> {
  const mirror = await tools.mirrors.with(input.repositoryId, input.base, input.tip);
  const { refs, missing } = await refsOf(tools, mirror, input);
  const folder = await mkdtemp(join(tools.home, '.bundle-'));
  try {
    const gitDir = join(folder, 'view.git');
    await openView(gitDir, mirror, input.base, refs);
    const file = join(folder, 'repo.bundle');
    await tools.runner.run({ args: ['bundle', 'create', '--quiet', file, '--all'], gitDir });
    const args = ['hash-object', '-w', '--no-filters', '--', file];
    const [blob, digest] = await Promise.all([
      tools.runner.text({ args, gitDir: mirror.path }),
      digestFile(file),
    ]);
    return { blob, digest, refs, missing };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A repository that holds nothing of its own: the mirror's objects, the refs to bundle, and history from `base` on. */
async function openView(
  gitDir: string,
  mirror: Mirror,
  base: string,
  refs: Readonly<Record<string, string>>,
): Promise<void> {
  await writeRepository(gitDir, {
    config: coreConfig(true),
    head: 'ref: refs/heads/none\n',
    alternates: [join(mirror.path, 'objects')],
  });
  await writeFile(join(gitDir, 'shallow'), `${base}\n`);
  const lines = Object.keys(refs)
    .sort()
    .map((ref) => `${refs[ref] ?? ''} ${ref}\n`);
  await writeFile(join(gitDir, 'packed-refs'), lines.join(''));
}

async function refsOf(
  { runner }: ArchiveTools,
  mirror: Mirror,
  { planId, base, branch, tip, commits }: BundleInput,
): Promise<{ refs: Record<string, string>; missing: string[] }> {
  const refs: Record<string, string> = {
    [branchRef(branch)]: objectId(tip),
    [`refs/planwright/base/${base}`]: base,
  };
  Object.assign(refs, await ownRefs(runner, mirror, fileId(planId)));
  const named = new Set(Object.values(refs));
  const missing: string[] = [];
  await Promise.all(
    commits.map(async (commit) => {
      if (named.has(commit)) return;
      if (await isThere(mirror, commit)) refs[`refs/planwright/graded/${commit}`] = commit;
      else missing.push(commit);
    }),
  );
  return { refs, missing: missing.sort() };
}

/** @throws when the hub could not be asked: a commit that is gone is another thing */
async function isThere(mirror: Mirror, commit: string): Promise<boolean> {
  try {
    await mirror.commit(objectId(commit));
    return true;
  } catch (error) {
    if (/is not in the hub|not our ref|unadvertised object/.test((error as Error).message)) return false;
    throw error;
  }
}

/** What the hub keeps under the plan's id: its fence, its lineages. */
async function ownRefs(runner: GitRunner, mirror: Mirror, plan: string): Promise<Record<string, string>> {
  const { location, settings, path } = mirror.hub;
  const patterns = [`refs/planwright/*/${plan}`, `refs/planwright/*/${plan}/*`];
  const args = ['ls-remote', '--quiet', '--', location, ...patterns];
  const found = await runner.text({ args, gitDir: mirror.path, settings });
  const refs: Record<string, string> = {};
  for (const line of found.split('\n')) {
    const [id = '', ref = ''] = line.split('\t');
    if (ref !== '' && ref !== archiveRef(plan)) refs[ref] = objectId(id);
  }
  const names = Object.keys(refs);
  if (path === null && names.length > 0) {
    const fetch = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--update-shallow'];
    const specs = names.map((ref) => `+${ref}:refs/planwright/fetched/${refs[ref] ?? ''}`);
    await runner.run({ args: [...fetch, '--', location, ...specs], gitDir: mirror.path, settings });
  }
  return refs;
}

async function digestFile(file: string): Promise<Digest> {
  const digest = new PieceDigest(PIECE_BYTES['repo.bundle']);
  for await (const piece of createReadStream(file)) digest.update(piece as Buffer);
  return digest.end();
}

async function storeArchive(
  tools: ArchiveTools,
  input: Parameters<ArchiveGit['storeArchive']>[0],
): Promise<string | null> {
  const { runner, mirrors, lanes } = tools;
  const mirror = await mirrors.of(input.repositoryId);
  const gitDir = mirror.path;
  const write = (stdin: Buffer) =>
    runner.text({ args: ['hash-object', '-w', '--no-filters', '--stdin'], gitDir, stdin });
  const [manifest, envelope] = await Promise.all([write(input.manifest), write(input.envelope)]);
  const blobs = { 'manifest.json': manifest, 'envelope.json': envelope, 'repo.bundle': input.bundle };
  const entries = [...ARCHIVE_FILES].sort().map((name) => `100644 blob ${objectId(blobs[name])}\t${name}\n`);
  const tree = await runner.text({ args: ['mktree'], gitDir, stdin: entries.join('') });
  const { subject, timestamp } = input.message;
  const who = `${AUTHOR.name} <${AUTHOR.email}> ${timestamp} +0000`;
  const text = `tree ${objectId(tree)}\nauthor ${who}\ncommitter ${who}\n\n${subject}\n`;
  const args = ['hash-object', '-w', '-t', 'commit', '--stdin'];
  const commit = await runner.text({ args, gitDir, stdin: text });
  const ref = archiveRef(input.planId);
  if (
    input.expected !== commit &&
    !(await lanes.moveRef(mirror, { ref, from: input.expected, to: commit }))
  ) {
    const [found] = await lanes.readRefs(mirror, [ref]);
    return found === commit ? commit : null;
  }
  return commit;
}

async function filesOf(runner: GitRunner, mirror: Mirror, commit: string): Promise<StoredArchive['files']> {
  const args = ['ls-tree', '-l', '-z', objectId(commit)];
  const listing = await runner.text({ args, gitDir: mirror.path });
  const found = new Map<string, { blob: string; size: number }>();
  for (const entry of listing.split('\0')) {
    const [, blob, size, name] = /^\d+ blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(entry) ?? [];
    if (blob !== undefined && name !== undefined) found.set(name, { blob, size: Number(size) });
  }
  const file = (name: ArchiveFile) => {
    const there = found.get(name);
    if (there === undefined) throw new Error(`the archive ${commit} has no ${name}`);
    return there;
  };
  return {
    'manifest.json': file('manifest.json'),
    'envelope.json': file('envelope.json'),
    'repo.bundle': file('repo.bundle'),
  };
}
