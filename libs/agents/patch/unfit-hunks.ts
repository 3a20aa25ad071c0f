const FAILED = /^error: patch failed: (.+):(\d+)$/;
const OF_FILE = /^error: (.+): ([^:]+)$/;
const HUNK = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

/** What `git apply` says of a patch, with the number of each hunk in its file. */
export function unfitHunks(patch: string, said: string): string[] {
  const hunks = new Map<string, string>();
  const found: string[] = [];
  for (const line of said.split('\n')) {
    const [, path, start] = FAILED.exec(line) ?? [];
    if (path !== undefined) {
      hunks.set(path, hunkAt(patch, path, Number(start)));
      continue;
    }
    const [, file, message] = OF_FILE.exec(line) ?? [];
    if (file !== undefined && message !== undefined)
      found.push(`${file}${hunks.get(file) ?? ''}: ${message}`);
  }
  return found;
}

/** The hunk of a file that expects its lines there, as `, hunk 2 (line 40)`. */
function hunkAt(patch: string, path: string, start: number): string {
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
    if (file === path && Number(at) === start) return `, hunk ${number} (line ${start})`;
    body = { old: Number(before), new: Number(after) };
  }
  return ` (line ${start})`;
}
