import { constants } from 'node:fs';
import { lstat, open, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** A larger report is not used. */
export const MAX_REPORT_BYTES = 32 * 1024 * 1024;

/** What a report's place looked like before the run: what is still so afterwards is not of this run. */
export type FileMark = string | null;

/** Looks at the place of a report. */
export async function markOf(cwd: string, path: string): Promise<FileMark> {
  const stats = await lstat(join(cwd, path), { bigint: true }).catch(() => null);
  return stats === null ? null : [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ');
}

/**
 * Reads the report that a run left. The tree is the candidate's, so nothing in it is trusted: no link leads out of the
 * checkout, no pipe is waited for, and no more than `MAX_REPORT_BYTES` are read.
 *
 * @returns its text, or why there is none
 */
export async function readReportFile(
  cwd: string,
  path: string,
  before: FileMark,
): Promise<{ readonly text: string } | { readonly reason: string }> {
  if (before !== null && (await markOf(cwd, path)) === before)
    return { reason: 'it was there before the run, which did not write it' };
  const root = await realpath(cwd);
  const place = await realpath(join(cwd, path)).catch(() => null);
  if (place === null) return { reason: 'the run left none there' };
  if (!place.startsWith(`${root}/`)) return { reason: 'it is a link that leads out of the checkout' };
  const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: Error) => error,
  );
  if (file instanceof Error) return { reason: `it cannot be read: ${file.message}` };
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return { reason: 'it is no file' };
    if (stats.size > MAX_REPORT_BYTES) return { reason: 'it is larger than 32 MiB' };
    const content = Buffer.alloc(stats.size);
    const { bytesRead } = await file.read(content, 0, stats.size, 0);
    return { text: content.toString('utf8', 0, bytesRead) };
  } finally {
    await file.close();
  }
}
