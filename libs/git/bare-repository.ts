import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from './errno.js';

export interface RepositoryFiles {
  readonly config: string;
  readonly head: string;
  /** Object folders to borrow from. */
  readonly alternates: readonly string[];
}

/**
 * No conversion between blob and file (line ends, encodings, keywords, filters), whatever the tree's own
 * `.gitattributes` say: this file has the last word.
 */
export const ATTRIBUTES = '* -text -eol -filter -ident -working-tree-encoding\n';

// `git init` would probe these; they are properties of the system, not of the folder.
const PLATFORM = process.platform === 'darwin' ? '\tignorecase = true\n\tprecomposeunicode = true\n' : '';

/** The `[core]` section every repository of ours begins with. */
export function coreConfig(bare: boolean): string {
  return `[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = ${bare}\n\tlogallrefupdates = false\n${PLATFORM}`;
}

/** Writes a git directory by hand: four files and their folders cost less than one process. */
export async function writeRepository(path: string, files: RepositoryFiles): Promise<void> {
  await Promise.all(
    ['objects/info', 'objects/pack', 'refs/heads', 'info'].map((part) =>
      mkdir(join(path, part), { recursive: true }),
    ),
  );
  const alternates = files.alternates.map((folder) => `${folder}\n`).join('');
  await Promise.all([
    writeFile(join(path, 'HEAD'), files.head),
    writeFile(join(path, 'config'), files.config),
    writeFile(join(path, 'info/attributes'), ATTRIBUTES),
    alternates === '' ? undefined : writeFile(join(path, 'objects/info/alternates'), alternates),
  ]);
}

/** Makes a folder appear whole or not at all, when several processes make it at once. `fill` gets a draft of it. */
export async function createFolderOnce(path: string, fill: (draft: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = await mkdtemp(join(dirname(path), '.new-'));
  try {
    await fill(draft);
    await rename(draft, path);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
