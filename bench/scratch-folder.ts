import { chmod, mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Makes an empty temporary folder for data folders. The account that runs Postgres for root can pass through it: else
 * the cluster would go to a place that is not removed with the folder.
 */
export async function makeScratchFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'planwright-bench-')));
  await chmod(folder, 0o711);
  return folder;
}
