import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, realpath, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArchiveSource } from '#engine/archive/open-archive.js';
import { rememberedTrees } from '#engine/archive/remembered-trees.js';
import type { ArchiveReport } from '#engine/archive/report.js';
import type { TarEntry } from '#engine/archive/tar.js';
import { verifyArchive as verify, type ArchiveRepository } from '#engine/archive/verify-archive.js';
import { createFacts } from '#facts/facts-adapter.js';
import { createGit } from '#git/git-adapter.js';
import { removeAll } from '#git/sweep.js';
import { hasCommit, unbundle } from '#git/unbundle.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { colours, print, printJson } from '../output/output.js';
import { renderArchiveReport } from '../render/archive-report.js';
import { archiveChecks } from './archive-checks.js';
import { pinnedKeys } from './pinned-keys.js';

export interface VerifyArchiveOptions {
  /** Public keys, or ids of keys, whose signature counts. */
  readonly key?: readonly string[];
  /** A repository that must have the commits of the plan. */
  readonly repo?: string;
  readonly checks?: boolean;
  readonly json?: boolean;
}

const REPOSITORY_ID = 'archive';
const CODES: { readonly [R in ArchiveReport['result']]: ExitCode } = {
  reproduced: EXIT.ok,
  changed: EXIT.failed,
  tampered: EXIT.failed,
  inconclusive: EXIT.inconclusive,
};

/** Verifies an archive in a folder that is removed afterwards: no server, no database, nothing of this installation. */
export async function verifyArchive(file: string, options: VerifyArchiveOptions): Promise<ExitCode> {
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once('SIGINT', stop);
  try {
    const report = await lookAt(file, options, interrupt.signal);
    if (options.json === true) printJson('archive-report', report);
    else for (const line of renderArchiveReport(report, colours)) print(line);
    return CODES[report.result];
  } catch (error) {
    if (interrupt.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    process.removeListener('SIGINT', stop);
  }
}

async function lookAt(
  file: string,
  options: VerifyArchiveOptions,
  signal: AbortSignal,
): Promise<ArchiveReport> {
  const pinned = pinnedKeys(options.key);
  const handle = await open(file).catch((error: Error) => {
    throw new CliError(
      EXIT.failed,
      `${file} cannot be read: ${error.message}`,
      'planwright archive PLAN --output FILE',
    );
  });
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'planwright-archive-')));
  const home = path.join(folder, 'worker');
  const search = process.env['PATH'] ?? '';
  const git = createGit({ home, hubBase: path.join(folder, 'hubs'), path: search });
  const checks = options.checks === true ? await archiveChecks({ git, folder, search }) : null;
  const blobs = rememberedTrees(git.blobs(REPOSITORY_ID));
  try {
    const source = await sourceOf(handle, file);
    const report = await verify(
      {
        unbundle: async (bundle, shallow) => unpack({ file, bundle, shallow, folder, search }),
        judge: { git: { diff: (range) => git.diff(range), blobs: () => blobs }, facts: createFacts() },
        runChecks: checks,
        signal,
      },
      source,
      pinned,
    );
    return options.repo === undefined
      ? report
      : await withRepository(report, path.resolve(options.repo), { home, path: search });
  } finally {
    await handle.close();
    await git.close();
    await removeAll(folder);
  }
}

async function sourceOf(handle: FileHandle, file: string): Promise<ArchiveSource> {
  const { size } = await handle.stat();
  return {
    size,
    async read(offset, length) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    },
    stream: (offset, length) => rangeOf(file, offset, length),
  };
}

async function* rangeOf(file: string, offset: number, length: number): AsyncGenerator<Buffer> {
  if (length === 0) return;
  for await (const piece of createReadStream(file, { start: offset, end: offset + length - 1 }))
    yield piece as Buffer;
}

async function unpack(input: {
  readonly file: string;
  readonly bundle: TarEntry;
  readonly shallow: string;
  readonly folder: string;
  readonly search: string;
}): Promise<ArchiveRepository> {
  const { file, bundle, shallow, folder, search } = input;
  const copy = path.join(folder, 'repo.bundle');
  await pipeline(rangeOf(file, bundle.offset, bundle.size), createWriteStream(copy));
  const gitDir = path.join(folder, 'hubs', `${REPOSITORY_ID}.git`);
  const config = { home: path.join(folder, 'unbundle'), path: search };
  return { repositoryId: REPOSITORY_ID, ...(await unbundle(config, { gitDir, file: copy, shallow })) };
}

/** Ids are hashes of content: who has the commits has what the verdicts are about. */
async function withRepository(
  report: ArchiveReport,
  repository: string,
  config: { readonly home: string; readonly path: string },
): Promise<ArchiveReport> {
  const { plan } = report;
  if (plan === null) return report;
  const base = await hasCommit(config, repository, plan.baseCommit);
  const tip = await hasCommit(config, repository, plan.tipCommit);
  const notes = [
    ...report.notes,
    `${repository} ${tip ? 'has' : 'does not have'} the plan's last commit ${plan.tipCommit}.`,
  ];
  if (base) return { ...report, notes };
  const finding = {
    file: 'manifest.json',
    place: '/plan/baseCommit',
    message: `${repository} does not have the commit ${plan.baseCommit} that the plan began with.`,
  } as const;
  return { ...report, notes, findings: [...report.findings, finding], result: 'tampered' };
}
