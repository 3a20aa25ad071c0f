import type { Mirror } from './mirror.js';
import { objectId } from './names.js';
import type { GitRunner } from './runner.js';

/** What `git patch-id` says of a diff without anything in it. */
const NOTHING = '0'.repeat(40);

/** The patch-id of what differs between two commits of the mirror; forty zeros when nothing does. */
export async function patchId(
  runner: GitRunner,
  mirror: Mirror,
  input: { readonly from: string; readonly to: string },
): Promise<string> {
  const form = ['--no-renames', '--no-ext-diff', '--no-textconv', '--no-color', '--full-index'];
  const range = [objectId(input.from), objectId(input.to)];
  // Full ids: the content of a binary file is in its patch-id by them alone.
  const { stdout } = await runner.run({
    args: ['diff-tree', '-r', '-p', ...form, ...range],
    gitDir: mirror.path,
  });
  const said = await runner.text({ args: ['patch-id', '--stable'], gitDir: mirror.path, stdin: stdout });
  const id = said.split(' ')[0] ?? '';
  return id === '' ? NOTHING : objectId(id);
}
