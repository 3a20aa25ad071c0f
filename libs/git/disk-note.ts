import { statfs } from 'node:fs/promises';

/** Git often says that it cannot write, and not why. */
const CANNOT_WRITE =
  /\b(unable|failed|cannot|could not) (to )?(write|create|append)\b|no space left|write error/i;

/** For an error of git: how much space the disk of a folder has; empty where git could write. */
export async function diskNote(stderr: string, folder: string): Promise<string> {
  if (!CANNOT_WRITE.test(stderr)) return '';
  try {
    const { bavail, bsize, ffree, files } = await statfs(folder);
    const inodes = files > 0 && ffree === 0 ? ' and no inode' : '';
    return `\nThe disk of ${folder} has ${Math.floor((bavail * bsize) / 1024)} KiB left${inodes}.`;
  } catch {
    return '';
  }
}
