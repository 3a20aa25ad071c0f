import { constants } from 'node:fs';
import { mkdir, open, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { AgentCli } from '#contracts/agents/agent-cli.js';
import type { ParkedSession } from '#engine/ports/agent-session.port.js';
import type { SessionFile } from '#engine/ports/session-store.port.js';

/** A longer session is not kept: who goes on with its task begins a new one, and is told what was asked. */
const MOST_BYTES = 4 * 2 ** 20;
/** Of a longer path the name of its folder is no function that anybody documents. */
const LONGEST_FOLDER = 200;

/** Where a run keeps its sessions. */
export interface SessionPlaces {
  readonly home: string;
  /** Where it works. */
  readonly cwd: string;
}

/**
 * The session that a run left in its home folder, without what may not be seen. Null: it keeps none in a file, or none
 * that can be had.
 */
export async function packSession(
  cli: AgentCli,
  id: string,
  places: SessionPlaces,
  clean: (text: string) => string,
): Promise<SessionFile | null> {
  const path = placeOf(cli, id, places.cwd);
  if (path === null) return null;
  const text = await readInside(places.home, path);
  if (text === null) return null;
  return { type: 'session_file', id, data: gzipSync(clean(text)).toString('base64') };
}

/** Puts the session that was kept last back into a home folder. @returns its id; null: there is none to go on with */
export async function unpackSession(
  cli: AgentCli,
  parked: ParkedSession | null,
  { home, cwd }: SessionPlaces,
): Promise<string | null> {
  const file = parked?.messages
    .flatMap(({ content }) => content)
    .findLast((block): block is SessionFile => block.type === 'session_file');
  const path = file === undefined ? null : placeOf(cli, file.id, cwd);
  if (file === undefined || path === null) return null;
  const text = gunzipSync(Buffer.from(file.data, 'base64'), { maxOutputLength: 2 * MOST_BYTES });
  await mkdir(dirname(join(home, path)), { recursive: true, mode: 0o700 });
  await writeFile(join(home, path), text, { mode: 0o600, flag: 'wx' });
  return file.id;
}

/** The id is what a program printed: it names no other file. */
function placeOf(cli: AgentCli, id: string, cwd: string): string | null {
  const file = cli.resume?.file;
  const folder = cwd.replace(/[^a-zA-Z0-9]/g, '-');
  if (file === undefined || !/^[\w-]{1,64}$/.test(id) || folder.length > LONGEST_FOLDER) return null;
  return file.replace('{folder}', () => folder).replace('{session}', () => id);
}

/** The run may have put a link into the place of any folder: what lies elsewhere is not its own. */
async function readInside(home: string, path: string): Promise<string | null> {
  try {
    const real = await realpath(join(home, path));
    if (real !== join(await realpath(home), path)) return null;
    const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      return stat.isFile() && stat.size <= MOST_BYTES ? await file.readFile('utf8') : null;
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}
