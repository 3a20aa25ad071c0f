import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * The version of git on a search path, e.g. `2.39.5`; null when there is none.
 *
 * @param path PATH that git is found by
 */
export async function gitVersion(path: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version'], { env: { PATH: path } });
    return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? null;
  } catch {
    return null;
  }
}
