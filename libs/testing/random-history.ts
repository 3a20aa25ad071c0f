import { spawn } from 'node:child_process';
import fc from 'fast-check';
import { git, TEST_PATH } from './git-repositories.js';

/** One step of a history: files by path, each with its mode; null: gone, a folder with all in it. */
export interface HistoryStep {
  readonly write: Readonly<Record<string, { readonly mode: string; readonly content: string }>>;
  readonly remove: readonly string[];
  readonly move: readonly (readonly [from: string, to: string])[];
  /** Commits of other repositories, by path. */
  readonly submodules: readonly string[];
}

const NOWHERE = '1234567890123456789012345678901234567890';

/** Steps that write, delete and move files and folders, change modes, and make links and submodules. */
export function historySteps(
  paths: readonly string[],
  contents: readonly string[],
): fc.Arbitrary<readonly HistoryStep[]> {
  const path = fc.constantFrom(...paths);
  const folder = fc.constantFrom(...new Set(paths.flatMap((each) => each.split('/').slice(0, -1))));
  const place = fc.oneof({ weight: 4, arbitrary: path }, { weight: 1, arbitrary: folder });
  const file = fc.record({
    mode: fc.constantFrom('100644', '100644', '100644', '100755', '120000'),
    content: fc.constantFrom(...contents),
  });
  const step = fc.record({
    write: fc.dictionary(path, file, { minKeys: 1, maxKeys: 4 }),
    remove: fc.array(place, { maxLength: 2 }),
    move: fc.array(fc.tuple(path, path), { maxLength: 2 }),
    submodules: fc.array(path, { maxLength: 1 }),
  });
  return fc.array(step, { minLength: 3, maxLength: 6 });
}

/** Writes a history into a bare repository. @returns its commits, oldest first */
export async function writeHistory(gitDir: string, name: string, steps: readonly HistoryStep[]) {
  const ref = `refs/heads/${name}`;
  const lines: string[] = [];
  const present = new Set<string>();
  steps.forEach((step, at) => {
    const text = `Step ${at}`;
    lines.push(`commit ${ref}`, `committer A <a@example.com> ${at} +0000`, data(text));
    for (const path of step.remove) {
      lines.push(`D ${path}`);
      for (const each of present) if (each === path || each.startsWith(`${path}/`)) present.delete(each);
    }
    for (const [from, to] of step.move) {
      if (!present.has(from) || from === to) continue;
      lines.push(`R ${from} ${to}`);
      present.delete(from);
      claim(present, to);
    }
    for (const [path, { mode, content }] of Object.entries(step.write)) {
      lines.push(`M ${mode} inline ${path}`, data(content));
      claim(present, path);
    }
    for (const path of step.submodules) {
      lines.push(`M 160000 ${NOWHERE} ${path}`);
      claim(present, path);
    }
  });
  await fastImport(gitDir, `${lines.join('\n')}\n`);
  return (await git(gitDir, 'rev-list', '--reverse', ref)).split('\n');
}

/** A path is a file or a folder: what stood in its way is gone. */
function claim(present: Set<string>, path: string): void {
  for (const each of present)
    if (each.startsWith(`${path}/`) || path.startsWith(`${each}/`)) present.delete(each);
  present.add(path);
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}

async function fastImport(gitDir: string, stream: string): Promise<void> {
  const child = spawn('git', ['fast-import', '--quiet', '--force'], {
    cwd: gitDir,
    env: { PATH: TEST_PATH, GIT_DIR: gitDir },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  child.stdin.end(stream);
  const code = await ended;
  if (code !== 0) throw new Error(`git fast-import ended with ${code}: ${said}`);
}
