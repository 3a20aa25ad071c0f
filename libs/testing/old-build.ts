import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { TemporaryFolder } from './git-repositories.js';

/**
 * The program as it was right before the newest migration, with its own packages: what still runs on other machines while
 * the database is ahead of it already.
 */
export class OldBuild {
  private constructor(
    /** The folder of the old program; its `dist/` is built. */
    readonly root: string,
    /** The commit that it was. */
    readonly commit: string,
    private readonly folder: TemporaryFolder,
  ) {}

  /** @throws Error when this clone has no history that goes back so far */
  static async create(): Promise<OldBuild> {
    const newest = readdirSync('prisma/migrations')
      .filter((name) => /^\d/.test(name))
      .sort()
      .at(-1);
    const added = run('git', [
      'log',
      '-1',
      '--diff-filter=A',
      '--format=%P',
      '--',
      `prisma/migrations/${newest}`,
    ]);
    const [commit = ''] = added.split(' ');
    if (commit === '')
      throw new Error('The build before the newest migration is not in this clone: git fetch --unshallow');
    const folder = await TemporaryFolder.create();
    const archive = execFileSync('git', ['archive', commit], { maxBuffer: 2 ** 28 });
    execFileSync('tar', ['-x', '-C', folder.path], { input: archive });
    addPackages(folder.path);
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: folder.path, stdio: 'pipe' });
    return new OldBuild(folder.path, commit, folder);
  }

  remove(): Promise<void> {
    return this.folder.remove();
  }
}

/** Those of now, where they are the same. */
function addPackages(root: string): void {
  const lock = 'package-lock.json';
  if (readFileSync(lock).equals(readFileSync(path.join(root, lock))))
    symlinkSync(realpathSync('node_modules'), path.join(root, 'node_modules'));
  else
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: root, stdio: 'pipe' });
}

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8' }).trim();
}
