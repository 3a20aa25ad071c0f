import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, realpath, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** What a model asked for and cannot have: told to the model, in a sentence. */
export class ToolRefusal extends Error {}

/** Larger files are for commands. */
export const MAX_READ_BYTES = 10 * 2 ** 20;
export const MAX_WRITE_BYTES = 2 ** 20;

/** Characters that a file system may pass over when it compares names. */
const IGNORABLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\u206a-\u206f\ufeff]/gu;

/**
 * The files of one workspace, and nothing else: every path is resolved before it is used, and whatever leads out of the
 * workspace, into its git directory, or to something that is no regular file is refused. Tools run one after the other
 * and no process of a command outlives it, so that nothing changes a path between the look and the use.
 */
export class WorkspaceFiles {
  constructor(readonly root: string) {}

  /** @throws ToolRefusal */
  async read(path: string): Promise<string> {
    const place = await this.resolve(path);
    const file = await openRegular(place, path, constants.O_RDONLY);
    try {
      const { size } = await file.stat();
      if (size > MAX_READ_BYTES)
        throw new ToolRefusal(
          `${path} has ${size} bytes; files of more than ${MAX_READ_BYTES} are not read.`,
        );
      const content = await file.readFile();
      if (content.includes(0)) throw new ToolRefusal(`${path} is a binary file of ${size} bytes.`);
      return content.toString('utf8');
    } finally {
      await file.close();
    }
  }

  /** @returns whether the file is new; its folders are made. @throws ToolRefusal */
  async write(path: string, content: string): Promise<boolean> {
    const size = Buffer.byteLength(content);
    if (size > MAX_WRITE_BYTES)
      throw new ToolRefusal(
        `${size} bytes are too many for one file: at most ${MAX_WRITE_BYTES} can be written.`,
      );
    const place = await this.resolve(path);
    const isNew = (await statOf(place, path)) === null;
    await mkdir(dirname(place), { recursive: true });
    const file = await openRegular(place, path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    return isNew;
  }

  /** The real place of a path, whose last part need not be there. @throws ToolRefusal */
  private async resolve(path: string): Promise<string> {
    const parts = partsOf(path);
    const root = await realpath(this.root);
    let place = root;
    for (const [at, part] of parts.entries()) {
      const next = join(place, part);
      const found = await statOf(next, path);
      if (found === null) return this.inside(root, join(next, ...parts.slice(at + 1)), path);
      place = found.isSymbolicLink() ? await this.target(root, next, path) : next;
    }
    return this.inside(root, place, path);
  }

  private async target(root: string, link: string, path: string): Promise<string> {
    const target = await realpath(link).catch(() => {
      throw new ToolRefusal(`${path} goes through a link that leads nowhere.`);
    });
    return this.inside(root, target, path);
  }

  private inside(root: string, place: string, path: string): string {
    const within = relative(root, place);
    if (within === '..' || within.startsWith(`..${sep}`) || within.startsWith(sep))
      throw new ToolRefusal(`${path} leads out of the workspace.`);
    if (within === '') throw new ToolRefusal(`${path} is the workspace itself, not a file in it.`);
    if (within.split(sep).some(isGitDirectory)) throw gitRefusal(path);
    return place;
  }
}

/** The parts of a path relative to the workspace. @throws ToolRefusal */
function partsOf(path: string): string[] {
  if (path.includes('\0')) throw new ToolRefusal('A path cannot hold NUL.');
  if (path.startsWith('/') || /^[a-z]:/i.test(path) || path.startsWith('\\'))
    throw new ToolRefusal(`${path} is absolute; paths are relative to the workspace.`);
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length === 0) throw new ToolRefusal('The path is empty.');
  if (parts.includes('..'))
    throw new ToolRefusal(`${path} leads upwards; write it from the top of the workspace.`);
  if (parts.some(isGitDirectory)) throw gitRefusal(path);
  return parts;
}

/** As the file systems of other machines read names, too: whatever their case, trailing dots and short names. */
function isGitDirectory(name: string): boolean {
  const plain = name
    .replace(IGNORABLE, '')
    .replace(/[ .]+$/u, '')
    .replace(/:.*$/u, '')
    .toLowerCase();
  return plain === '.git' || plain === 'git~1';
}

function gitRefusal(path: string): ToolRefusal {
  return new ToolRefusal(`${path} is part of a git directory, which is not yours to read or write.`);
}

/** Neither a link is followed, nor a pipe or device waited for. */
async function openRegular(place: string, path: string, flags: number): Promise<FileHandle> {
  const file = await open(place, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o644).catch(
    (error: NodeJS.ErrnoException) => {
      throw new ToolRefusal(
        WORDS[error.code ?? '']?.(path) ?? `${path}: ${error.code ?? 'it cannot be opened'}`,
      );
    },
  );
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new ToolRefusal(`${path} is no regular file.`);
}

const WORDS: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `There is no file ${path}.`,
  ELOOP: (path) => `${path} is a link.`,
  EISDIR: (path) => `${path} is a folder.`,
  ENXIO: (path) => `${path} is no regular file.`,
  ENOTDIR: (path) => `A part of ${path} is a file, not a folder.`,
  EACCES: (path) => `${path} is not yours to open.`,
};

async function statOf(place: string, path: string): Promise<Stats | null> {
  return lstat(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new ToolRefusal(WORDS[error.code ?? '']?.(path) ?? `${path}: ${error.code ?? 'it cannot be used'}`);
  });
}
