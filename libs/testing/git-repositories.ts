import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where git is found on Linux and macOS, whatever the caller's environment is. */
export const TEST_PATH = '/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin';

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

/** A temporary folder of one test file; `remove` deletes it with all below, read-only folders too. */
export class TemporaryFolder {
  private constructor(readonly path: string) {}

  static async create(): Promise<TemporaryFolder> {
    return new TemporaryFolder(await realpath(await mkdtemp(join(tmpdir(), 'planwright-git-'))));
  }

  /** A path below that no other call returns. */
  async next(name: string): Promise<string> {
    return join(await mkdtemp(join(this.path, 'x-')), name);
  }

  async remove(): Promise<void> {
    await run('chmod', ['-R', 'u+rwX', this.path]).catch(() => undefined);
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Runs git as a person would, without the configuration of this machine. Returns its output, trimmed. */
export async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const env = { PATH: TEST_PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C', ...IDENTITY };
  const { stdout } = await run('git', ['-c', 'protocol.file.allow=always', ...args], {
    cwd,
    env,
    maxBuffer: 2 ** 28,
  });
  return stdout.trim();
}

/** Writes files below a folder; a path may have folders in it. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** A person's repository with a checkout: branch `main`, one commit with these files. */
export async function createOrigin(
  path: string,
  files: Readonly<Record<string, string | Buffer>> = { 'README.md': '# Demo\n' },
): Promise<string> {
  await mkdir(path, { recursive: true });
  await git(path, 'init', '--quiet', '--initial-branch=main');
  await writeFiles(path, files);
  await commitAll(path, 'First commit');
  return path;
}

/** Commits everything in a checkout and returns the id. */
export async function commitAll(path: string, subject: string): Promise<string> {
  await git(path, 'add', '--all');
  await git(path, 'commit', '--quiet', '--allow-empty', '-m', subject);
  return git(path, 'rev-parse', 'HEAD');
}
