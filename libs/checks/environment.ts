import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { arch, platform, release } from 'node:os';
import { delimiter } from 'node:path';

/**
 * Names what a check finds on this machine. Nobody can ask every tool for its version: the folders of the search path
 * stand for them, since whoever installs, replaces or removes a program there changes the folder.
 */
export async function environmentOf(path: string, more: unknown): Promise<string> {
  const folders = await Promise.all(
    path.split(delimiter).map(async (folder) => [folder, await changedAt(folder)]),
  );
  const system = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const parts = [platform(), release(), arch(), process.version, system, folders, more];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

async function changedAt(folder: string): Promise<number | null> {
  return stat(folder).then(
    (stats) => stats.mtimeMs,
    () => null,
  );
}
