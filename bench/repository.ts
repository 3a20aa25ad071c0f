import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const FILES_PER_FOLDER = 40;
const LINES = 30;

/** Git without the settings of this machine, as the naive sequence runs it. */
export async function rawGit(cwd: string, ...args: readonly string[]): Promise<string> {
  const identity = { name: 'Bench', email: 'bench@planwright.invalid' };
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
  };
  const { stdout } = await run('git', [...args], { cwd, env, maxBuffer: 2 ** 28 });
  return stdout.trim();
}

export function pathOf(index: number): string {
  const folder = Math.floor(index / FILES_PER_FOLDER);
  return `src/area-${folder % 25}/part-${folder}/file-${index}.ts`;
}

/** A repository with one commit of so many source files of about a kilobyte. */
export async function generateRepository(path: string, files: number): Promise<void> {
  await mkdir(path, { recursive: true });
  await rawGit(path, 'init', '--quiet', '--initial-branch=main');
  // Housekeeping would start by itself, beside the measurements.
  await rawGit(path, 'config', 'gc.auto', '0');
  await rawGit(path, 'config', 'maintenance.auto', 'false');
  for (let folder = 0; folder < files; folder += FILES_PER_FOLDER) {
    await mkdir(dirname(join(path, pathOf(folder))), { recursive: true });
    const indexes = Array.from({ length: Math.min(FILES_PER_FOLDER, files - folder) }, (_, i) => folder + i);
    await Promise.all(indexes.map((index) => writeFile(join(path, pathOf(index)), contentOf(index, 0))));
  }
  await rawGit(path, 'add', '--all');
  await rawGit(path, 'commit', '--quiet', '-m', 'Generated');
}

/** What a task does here: three files get a new line each. */
export async function editThree(path: string, files: number, round: number): Promise<void> {
  for (const part of [0, 1, 2]) {
    const index = (round * 7 + part * Math.floor(files / 3)) % files;
    await writeFile(join(path, pathOf(index)), contentOf(index, round));
  }
}

function contentOf(index: number, round: number): string {
  const lines = Array.from({ length: LINES }, (_, line) => `export const value${index}x${line} = ${line};`);
  return `${lines.join('\n')}\nexport const round = ${round};\n`;
}
