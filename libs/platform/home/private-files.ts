import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  link,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import path from 'node:path';

/** Makes a folder (and what is missing above it), by default for its owner alone; an existing one keeps its mode. */
export async function makePrivateFolder(folder: string, mode = 0o700): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode });
  if (first === undefined) return;
  await chmod(folder, mode);
  for (let made = folder; ; made = path.dirname(made)) {
    await inheritOwner(made, path.dirname(first));
    if (made === first) return;
  }
}

/** Replaces a file as one step, mode 0600. */
export async function writePrivateFile(file: string, content: string): Promise<void> {
  const temporary = await writeTemporary(file, content);
  await rename(temporary, file);
}

/** Creates a file as one step with its whole content, mode 0600; false when it exists already. */
export async function createPrivateFile(file: string, content: string): Promise<boolean> {
  const temporary = await writeTemporary(file, content);
  try {
    await link(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The file's text without surrounding blanks; undefined when there is no such file. */
export async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A log larger than this is set aside when it is opened; one older log is kept. */
const LOG_LIMIT_BYTES = 5 * 1024 * 1024;

/** Opens a log to append to, mode 0600; the caller closes it. */
export async function openLog(file: string): Promise<FileHandle> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_LIMIT_BYTES) await rename(file, `${file}.1`);
  const handle = await open(file, 'a', 0o600);
  await inheritOwner(file, path.dirname(file));
  return handle;
}

/** The last lines of a log, for a message that says why something did not start. */
export async function logTail(file: string, from: number, lines = 15): Promise<string> {
  const text = (await readFile(file).catch(() => Buffer.alloc(0))).subarray(from).toString('utf8');
  return text.trim().split('\n').slice(-lines).join('\n');
}

async function writeTemporary(file: string, content: string): Promise<string> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  await writeFile(temporary, content, { mode: 0o600, flag: 'wx' });
  await inheritOwner(temporary, path.dirname(file));
  return temporary;
}

/** What root makes in another user's folder belongs to that user, who may start Planwright tomorrow. */
async function inheritOwner(entry: string, parent: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = await stat(parent);
  if (uid !== 0) await chown(entry, uid, gid);
}
