/** A file that a patch does not fit. */
export interface UnfitPatch {
  readonly path: string;
  /** Which of its hunks does not apply, from 1, and where that expects its lines; null: it is about the file. */
  readonly hunk: number | null;
  readonly line: number | null;
  readonly message: string;
}

const FAILED = /^error: patch failed: (.+):(\d+)$/;
const OF_FILE = /^error: (.+): ([^:]+)$/;
const HUNK = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

/** The files of a patch of which `git apply` says that it does not fit them; none where it speaks of no file. */
export function unfitPlaces(patch: string, said: string): UnfitPatch[] {
  const failed = new Map<string, Pick<UnfitPatch, 'hunk' | 'line'>>();
  const found: UnfitPatch[] = [];
  for (const each of said.split('\n')) {
    const [, inPath, start] = FAILED.exec(each) ?? [];
    if (inPath !== undefined) {
      failed.set(inPath, { hunk: hunkAt(patch, inPath, Number(start)), line: Number(start) });
      continue;
    }
    const [, path, message] = OF_FILE.exec(each) ?? [];
    if (path === undefined || message === undefined) continue;
    found.push({ path, ...(failed.get(path) ?? { hunk: null, line: null }), message });
  }
  return found;
}

/** As people are told of it. */
export function unfitWords({ path, hunk, line, message }: UnfitPatch): string {
  const which = hunk === null ? '' : `, hunk ${hunk}`;
  return `${path}${which}${line === null ? '' : ` (line ${line})`}: ${message}`;
}

/** The number of the hunk of a file that expects its lines there. */
function hunkAt(patch: string, path: string, start: number): number | null {
  let file = '';
  let number = 0;
  let body = { old: 0, new: 0 };
  for (const line of patch.split('\n')) {
    if (body.old > 0 || body.new > 0) {
      if (!line.startsWith('+') && !line.startsWith('\\')) body.old -= 1;
      if (!line.startsWith('-') && !line.startsWith('\\')) body.new -= 1;
      continue;
    }
    const [, name] = /^(?:---|\+\+\+) [^/\s]+\/([^\t\r]*)/.exec(line) ?? [];
    if (name !== undefined && name !== file) [file, number] = [name, 0];
    const [, at, before = '1', after = '1'] = HUNK.exec(line) ?? [];
    if (at === undefined) continue;
    number += 1;
    if (file === path && Number(at) === start) return number;
    body = { old: Number(before), new: Number(after) };
  }
  return null;
}
